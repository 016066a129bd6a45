import type { Clock, Timer } from '../clock.ts';
import type { CallContext } from '../dingtalk/call.ts';
import { DingTalkError } from '../dingtalk/dingtalk-error.ts';

/** The poll was canceled by a shutdown or a reload. It is not a failure. */
export class PollCanceledError extends Error {
  override readonly name = 'PollCanceledError';
}

/** One poll in progress. Its deadline begins with its first call: time in the queue before does not count. */
export class PollRun implements CallContext {
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #wait = new AbortController();
  /** Created on demand: thousands of polls may wait in the queue. */
  #call: AbortController | undefined;
  #timer: Timer | undefined;
  #begunAt: number | undefined;
  /** Undefined until the deadline has passed. */
  #timeoutError: DingTalkError | undefined;
  /** Why the poll fails if its deadline passes. */
  #lastFailure: DingTalkError | undefined;

  /** @param timeout milliseconds for the whole poll. */
  constructor(clock: Clock, timeout: number) {
    this.#clock = clock;
    this.#timeout = timeout;
  }

  get waitSignal(): AbortSignal {
    return this.#wait.signal;
  }

  get callSignal(): AbortSignal {
    this.#call ??= new AbortController();
    return this.#call.signal;
  }

  get begunAt(): number | undefined {
    return this.#begunAt;
  }

  begin(): void {
    if (this.#begunAt !== undefined) return;
    this.#begunAt = this.#clock.monotonicTime();
    this.#timer = this.#clock.setTimer(() => this.#timedOut(), this.#timeout);
  }

  /** Milliseconds until the deadline. */
  get remaining(): number {
    return (this.#begunAt ?? this.#clock.monotonicTime()) + this.#timeout - this.#clock.monotonicTime();
  }

  /**
   * Remembers why a call failed. The poll's own timeout does not count, nor does a refused token: the call is repeated
   * with a new one.
   */
  failed(error: unknown): void {
    if (!(error instanceof DingTalkError) || error === this.#timeoutError) return;
    if (error.failure.action !== 'renew_token') this.#lastFailure = error;
  }

  /** A call succeeded: its earlier failures do not count. */
  succeeded(): void {
    this.#lastFailure = undefined;
  }

  /** Why the poll failed: one that was throttled until its deadline is throttled, not timed out. */
  reasonToFail(error: unknown): unknown {
    return error === this.#timeoutError && this.#lastFailure !== undefined ? this.#lastFailure : error;
  }

  /** Ends the poll after the call in flight. */
  drain(): void {
    this.#wait.abort(new PollCanceledError('the poll was canceled'));
  }

  /** Ends the poll and a call in flight. */
  cancel(): void {
    this.#abort(new PollCanceledError('the poll was canceled'));
  }

  /** Waits on the clock. @throws the reason if the poll is ended meanwhile. */
  async pause(duration: number): Promise<void> {
    const { waitSignal } = this;
    waitSignal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        timer.cancel();
        reject(waitSignal.reason);
      };
      const timer = this.#clock.setTimer(() => {
        waitSignal.removeEventListener('abort', abort);
        resolve();
      }, duration);
      waitSignal.addEventListener('abort', abort, { once: true });
    });
  }

  /** The poll has ended: cancels its deadline. */
  end(): void {
    this.#timer?.cancel();
  }

  #timedOut(): void {
    this.#timeoutError = new DingTalkError({
      endpoint: 'user_count',
      reason: 'timeout',
      action: 'stop',
      message: `poll: not finished within ${this.#timeout / 1000} s`,
      hint: 'poll_timeout',
    });
    this.#abort(this.#timeoutError);
  }

  #abort(reason: Error): void {
    this.#wait.abort(reason);
    this.#call?.abort(reason);
  }
}
