import type { Clock } from '../clock.ts';
import type { JsonObject } from './answer.ts';
import type { CallGate } from './call-gate.ts';
import { Cancellation } from './cancellation.ts';
import { DingTalkError, type Failure } from './dingtalk-error.ts';
import { HOST_BLOCK_DURATION } from './failure-table.ts';
import { invalidResponse, type JudgedCall, judge } from './judge.ts';
import { networkFailure } from './network-failure.ts';
import type { Endpoint, Reason } from './reason.ts';
import type { OutgoingCall, Transport } from './transport.ts';

/** On whose behalf calls are made: it can be told to stop, and it learns when its first call is let through. */
export interface Caller {
  /** Aborted when the caller no longer wants to wait for a place, a pause or somebody else. */
  readonly waiting: AbortSignal;
  /** Aborted when a call in flight is to be cut as well. */
  readonly calling: AbortSignal;
  /** True once a call has been let through. */
  readonly begun: boolean;
  /** When the poll before this one ended (monotonic, ms), or minus infinity. */
  readonly polledAt: number;
  /** Called when a call is let through. */
  begin(): void;
}

/** What became of one request that was sent. Durations are milliseconds. */
export interface SentRequest {
  readonly endpoint: Endpoint;
  readonly duration: number;
  /** Undefined after a success. */
  readonly reason: Reason | undefined;
}

/** A call to make, and what must not be seen of it. */
export interface Request extends OutgoingCall {
  readonly endpoint: Endpoint;
  readonly secrets: readonly string[];
}

export interface CallerOptions {
  readonly transport: Transport;
  readonly gate: CallGate;
  readonly clock: Clock;
  /** The deadline of one call, in milliseconds; asked at each call, for it may change at a reload. */
  readonly requestTimeout: () => number;
  readonly onRequest: (request: SentRequest) => void;
}

/** Reads what a call is for out of a success; gives back words for what was received instead where it is not there. */
export type Reader<T> = (body: JsonObject) => { readonly value: T } | { readonly received: string };

/** Makes single calls to DingTalk: through the gate, under a deadline, and judged. It does not retry. */
export class DingTalkCalls {
  readonly #options: CallerOptions;
  /** Until when (monotonic ms) nobody calls a host that has shut us out. */
  readonly #blockedUntil = new Map<string, number>();

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  /**
   * @throws DingTalkError for every failure of the call.
   * @throws the signal's reason when the caller stops before or during the call.
   */
  async make<T>(request: Request, caller: Caller, read: Reader<T>): Promise<T> {
    const { gate, clock, onRequest } = this.#options;
    this.#refuseBlockedHost(request);
    const place = await gate.enter(caller.waiting, caller.begun, caller.polledAt);
    try {
      this.#refuseBlockedHost(request);
      caller.begin();
      const start = clock.monotonicTime();
      const sent = (reason: Reason | undefined): void =>
        onRequest({ endpoint: request.endpoint, duration: clock.monotonicTime() - start, reason });
      try {
        const value = await this.#send(request, caller, read);
        sent(undefined);
        return value;
      } catch (error) {
        sent(reasonOf(error));
        throw error;
      }
    } finally {
      place.leave();
    }
  }

  async #send<T>(request: Request, caller: Caller, read: Reader<T>): Promise<T> {
    const { transport, clock, requestTimeout } = this.#options;
    const call: JudgedCall = {
      endpoint: request.endpoint,
      host: request.url.host,
      secrets: request.secrets,
      wallTime: clock.wallTime(),
    };
    const deadline = new AbortController();
    const timeout = requestTimeout();
    const timer = clock.setTimer(() => deadline.abort(timeoutOf(call, timeout)), timeout);
    const cut = (): void => deadline.abort(caller.calling.reason);
    caller.calling.addEventListener('abort', cut, { once: true });
    try {
      caller.calling.throwIfAborted();
      const answer = await transport.post(request, deadline.signal);
      const judgement = judge(answer, { ...call, wallTime: clock.wallTime() });
      if (judgement.kind === 'failure') throw this.#failed(judgement.failure, call.host);
      const reading = read(judgement.body);
      if ('value' in reading) return reading.value;
      throw new DingTalkError(invalidResponse(call, reading.received, judgement.body));
    } catch (error) {
      if (deadline.signal.aborted) throw deadline.signal.reason;
      if (error instanceof DingTalkError || isFaultOfOurs(error)) throw error;
      throw new DingTalkError(networkFailure(error, call), error);
    } finally {
      timer.cancel();
      caller.calling.removeEventListener('abort', cut);
    }
  }

  #failed(failure: Failure, host: string): DingTalkError {
    if (failure.action === 'block_host') {
      this.#blockedUntil.set(host, this.#options.clock.monotonicTime() + HOST_BLOCK_DURATION);
    }
    return new DingTalkError(failure);
  }

  #refuseBlockedHost({ endpoint, url }: Request): void {
    const until = this.#blockedUntil.get(url.host);
    if (until === undefined) return;
    const left = until - this.#options.clock.monotonicTime();
    if (left <= 0) {
      this.#blockedUntil.delete(url.host);
      return;
    }
    throw new DingTalkError({
      endpoint,
      reason: 'throttled',
      action: 'stop',
      message: `${endpoint} call to ${url.host}: not made, DingTalk has shut our address out for ${Math.ceil(left / 1000)} s more`,
      host: url.host,
      hint: 'address_blocked',
    });
  }
}

function timeoutOf({ endpoint, host }: JudgedCall, timeout: number): DingTalkError {
  return new DingTalkError({
    endpoint,
    reason: 'timeout',
    action: 'retry',
    message: `${endpoint} call to ${host}: no whole answer within ${timeout / 1000} s`,
    host,
    hint: 'request_timeout',
  });
}

/** Undefined for a call that was given up on purpose; a fault of ours is shown as the poll shows it. */
function reasonOf(error: unknown): Reason | undefined {
  if (error instanceof DingTalkError) return error.reason;
  return error instanceof Cancellation ? undefined : 'invalid_response';
}

/** What the network throws has a code; what has none, of these kinds, is a mistake in the program and must not pass for it. */
function isFaultOfOurs(error: unknown): boolean {
  const isProgramming =
    error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
  return isProgramming && !('code' in error) && error.cause === undefined;
}
