import type { Clock } from '../clock.ts';
import { type CallLimits, CallQueue } from './call-queue.ts';
import { type CallInfo, invalidResponse, successBody, transportFailure } from './classify.ts';
import { callFailure, DingTalkError } from './dingtalk-error.ts';
import { HOST_BLOCK_DURATION } from './failure-table.ts';
import type { Endpoint, Reason } from './reason.ts';
import { KnownSecrets } from './redact.ts';
import type { ApiRequest } from './requests.ts';
import type { Transport } from './transport.ts';

/** Limits that a reload may change. Durations are milliseconds. */
export interface ClientLimits extends CallLimits {
  /** The deadline of one call. */
  readonly requestTimeout: number;
}

export interface ClientOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly limits: ClientLimits;
  /** Called when a request that was sent has ended. */
  readonly onRequest: (request: SentRequest) => void;
}

/** The poll that makes a call. */
export interface CallContext {
  /** Aborts what the poll waits for: its place in the queue, a retry, a token. */
  readonly waitSignal: AbortSignal;
  /** Aborts a call in flight. */
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
  /** Undefined after a success, or if the poll was canceled. */
  readonly reason: Reason | undefined;
}

/** Makes single calls to DingTalk: each is queued, has a deadline, and is classified. It does not retry. */
export class ApiCalls {
  readonly #options: ClientOptions;
  readonly #queue: CallQueue;
  readonly #secrets = new KnownSecrets();
  /** By host that has blocked this address: when it may be called again (monotonic, ms). */
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
   * @throws the reason of the context's signals when aborted.
   */
  async make<T>(request: ApiRequest<T>, context: CallContext): Promise<T> {
    this.#refuseBlockedHost(request);
    const isInProgress = context.begunAt !== undefined;
    return this.#queue.run(() => this.#report(request, context), isInProgress, context.waitSignal);
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
        // Anything else is a bug, which the poll reports with this reason.
        ended(context.callSignal.aborted ? undefined : 'invalid_response');
      }
      throw error;
    }
  }

  async #send<T>(request: ApiRequest<T>, callSignal: AbortSignal): Promise<T> {
    const { transport, clock } = this.#options;
    const { requestTimeout } = this.#limits;
    const { endpoint, url } = request;
    this.#secrets.remember(request.secrets);
    const callInfo = (): CallInfo => {
      // Again: many calls with other secrets may have been made meanwhile.
      this.#secrets.remember(request.secrets);
      const redact = (text: string): string => this.#secrets.redact(text);
      return { endpoint, host: url.host, redact, wallTime: clock.wallTime() };
    };
    const deadline = new AbortController();
    const timer = clock.setTimer(() => deadline.abort(timeoutOf(request, requestTimeout)), requestTimeout);
    // Not AbortSignal.any: in Node.js 20 its signals are never freed once something listens to them.
    const abort = (): void => deadline.abort(callSignal.reason);
    callSignal.addEventListener('abort', abort, { once: true });
    try {
      const response = await transport.post(request, deadline.signal);
      const info = callInfo();
      const body = successBody(response, info);
      const reading = request.read(body);
      if ('value' in reading) return reading.value;
      throw invalidResponse(info, reading.received, body);
    } catch (error) {
      if (deadline.signal.aborted) throw deadline.signal.reason;
      if (error instanceof DingTalkError || isBug(error)) throw error;
      throw transportFailure(error, callInfo());
    } finally {
      timer.cancel();
      // Node.js warns on stderr of more than ten listeners, and a poll may make more calls.
      callSignal.removeEventListener('abort', abort);
    }
  }

  #refuseBlockedHost({ endpoint, url }: ApiRequest<unknown>): void {
    const until = this.#blockedUntil.get(url.host) ?? -Infinity;
    const left = until - this.#options.clock.monotonicTime();
    if (left <= 0) return;
    const problem = `not sent: DingTalk has blocked this address for ${Math.ceil(left / 1000)} s more`;
    const failure = { reason: 'throttled', action: 'stop', hint: 'address_blocked' } as const;
    throw callFailure({ endpoint, host: url.host }, problem, failure);
  }
}

function timeoutOf({ endpoint, url }: ApiRequest<unknown>, timeout: number): DingTalkError {
  const problem = `no complete response within ${timeout / 1000} s`;
  const failure = { reason: 'timeout', action: 'retry', hint: 'request_timeout' } as const;
  return callFailure({ endpoint, host: url.host }, problem, failure);
}

/** Errors of the network have a code; one of these types without a code is a bug. */
function isBug(error: unknown): boolean {
  const isProgramming =
    error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
  return isProgramming && !('code' in error);
}
