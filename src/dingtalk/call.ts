import type { Clock } from '../clock.ts';
import { type CallLimits, CallQueue } from './call-queue.ts';
import { type CallInfo, invalidResponse, successBody, transportFailure } from './classify.ts';
import { callFailure, DingTalkError } from './dingtalk-error.ts';
import { HOST_BLOCK_DURATION } from './failure-table.ts';
import type { Endpoint, Reason } from './reason.ts';
import { KnownSecrets } from './redact.ts';
import type { ApiRequest } from './requests.ts';
import type { Transport } from './transport.ts';

/** What may change at a reload. Durations are milliseconds. */
export interface ClientLimits extends CallLimits {
  /** The deadline of one call. */
  readonly requestTimeout: number;
}

export interface ClientOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly limits: ClientLimits;
  /** Told of every request that was sent, when it has ended. */
  readonly onRequest: (request: SentRequest) => void;
}

/** The poll that makes a call. */
export interface CallContext {
  /** Aborted when the poll no longer waits: for its turn, for a retry, or for a token. */
  readonly waitSignal: AbortSignal;
  /** Aborted when a call in flight must end as well. */
  readonly callSignal: AbortSignal;
  /** When its first call was made (monotonic, ms); undefined before. */
  readonly begunAt: number | undefined;
  /** Called when a call is made. */
  begin(): void;
}

/** A request that was sent and has ended. Durations are milliseconds. */
export interface SentRequest {
  readonly endpoint: Endpoint;
  readonly duration: number;
  /** Undefined after a success, and where the poll was canceled. */
  readonly reason: Reason | undefined;
}

/** Makes single calls to DingTalk: each takes its turn, has a deadline, and is classified. It does not retry. */
export class ApiCalls {
  readonly #options: ClientOptions;
  readonly #queue: CallQueue;
  readonly #secrets = new KnownSecrets();
  /** Until when (monotonic, ms) a host that has blocked our address is not called. */
  readonly #blockedUntil = new Map<string, number>();
  #limits: ClientLimits;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.#queue = new CallQueue(options.clock, options.limits);
  }

  setLimits(limits: ClientLimits): void {
    this.#limits = limits;
    this.#queue.setLimits(limits);
  }

  /**
   * @throws DingTalkError for every failure of the call.
   * @throws the reason of the context's signals when they are aborted.
   */
  async make<T>(request: ApiRequest<T>, context: CallContext): Promise<T> {
    this.#refuseBlockedHost(request);
    const isUnderWay = context.begunAt !== undefined;
    return this.#queue.run(() => this.#report(request, context), isUnderWay, context.waitSignal);
  }

  async #report<T>(request: ApiRequest<T>, context: CallContext): Promise<T> {
    this.#refuseBlockedHost(request);
    context.begin();
    const { clock, onRequest } = this.#options;
    const start = clock.monotonicTime();
    const ended = (reason: Reason | undefined): void =>
      onRequest({ endpoint: request.endpoint, duration: clock.monotonicTime() - start, reason });
    try {
      const value = await this.#send(request, context.callSignal);
      ended(undefined);
      return value;
    } catch (error) {
      if (error instanceof DingTalkError) {
        ended(error.reason);
        if (error.failure.action === 'block_host') {
          this.#blockedUntil.set(request.url.host, clock.monotonicTime() + HOST_BLOCK_DURATION);
        }
      } else {
        // What is neither a failure nor a cancellation is a bug; the poll shows it as this reason.
        ended(context.callSignal.aborted ? undefined : 'invalid_response');
      }
      throw error;
    }
  }

  async #send<T>(request: ApiRequest<T>, callSignal: AbortSignal): Promise<T> {
    const { transport, clock } = this.#options;
    const { requestTimeout } = this.#limits;
    this.#secrets.remember(request.secrets);
    const call = (): CallInfo => {
      // Again: they might have been forgotten since, for newer ones.
      this.#secrets.remember(request.secrets);
      const { endpoint, url } = request;
      const hideSecrets = (text: string): string => this.#secrets.hide(text);
      return { endpoint, host: url.host, hideSecrets, wallTime: clock.wallTime() };
    };
    const deadline = new AbortController();
    const timer = clock.setTimer(() => deadline.abort(timeoutOf(request, requestTimeout)), requestTimeout);
    const cut = (): void => deadline.abort(callSignal.reason);
    callSignal.addEventListener('abort', cut, { once: true });
    try {
      const answer = await transport.post(request, deadline.signal);
      const body = successBody(answer, call());
      const reading = request.read(body);
      if ('value' in reading) return reading.value;
      throw invalidResponse(call(), reading.received, body);
    } catch (error) {
      if (deadline.signal.aborted) throw deadline.signal.reason;
      if (error instanceof DingTalkError || isBug(error)) throw error;
      throw transportFailure(error, call());
    } finally {
      timer.cancel();
      callSignal.removeEventListener('abort', cut);
    }
  }

  #refuseBlockedHost({ endpoint, url }: ApiRequest<unknown>): void {
    const until = this.#blockedUntil.get(url.host) ?? -Infinity;
    const left = until - this.#options.clock.monotonicTime();
    if (left <= 0) return;
    const problem = `not made, DingTalk has blocked our address for ${Math.ceil(left / 1000)} s more`;
    const failure = { reason: 'throttled', action: 'stop', hint: 'address_blocked' } as const;
    throw callFailure({ endpoint, host: url.host }, problem, failure);
  }
}

function timeoutOf({ endpoint, url }: ApiRequest<unknown>, timeout: number): DingTalkError {
  const problem = `no whole answer within ${timeout / 1000} s`;
  const failure = { reason: 'timeout', action: 'retry', hint: 'request_timeout' } as const;
  return callFailure({ endpoint, host: url.host }, problem, failure);
}

/** What the network throws has a code; an error of these kinds without one is a mistake in the program. */
function isBug(error: unknown): boolean {
  const isProgramming =
    error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
  return isProgramming && !('code' in error);
}
