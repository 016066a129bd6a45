import type { Clock, Timer } from '../clock.ts';
import type { CallContext } from '../dingtalk/call.ts';
import { DingTalkError } from '../dingtalk/dingtalk-error.ts';

/** The poll was ended on purpose: by a shutdown, or because its organization was removed. It is not a failure. */
export class PollCanceledError extends Error {
  override readonly name = 'PollCanceledError';
}

/**
 * One poll under way: its deadline, which begins with its first call (the time that it waits in the queue before is
 * not its own), and the two ways to end it early.
 */
export class PollRun implements CallContext {
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #wait = new AbortController();
  /** Made when it is needed: thousands of polls may wait for their turn. */
  #call: AbortController | undefined;
  #timer: Timer | undefined;
  #begunAt: number | undefined;
  /** Undefined until the deadline has passed. */
  #deadline: DingTalkError | undefined;
  /** The reason of the poll when its deadline passes. */
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
   * Remembers why a call failed. The deadline is not a failure of a call, and neither is a refused token: the call is
   * repeated with a new one.
   */
  failed(error: unknown): void {
    if (!(error instanceof DingTalkError) || error === this.#deadline) return;
    if (error.failure.action !== 'renew_token') this.#lastFailure = error;
  }

  /** A call succeeded in the end: its earlier failures do not count. */
  succeeded(): void {
    this.#lastFailure = undefined;
  }

  /** What the poll failed for: a poll that was throttled until its deadline is throttled, not timed out. */
  reasonToFail(error: unknown): unknown {
    return error === this.#deadline && this.#lastFailure !== undefined ? this.#lastFailure : error;
  }

  /** Ends the poll, but lets a call in flight end. */
  drain(): void {
    this.#wait.abort(new PollCanceledError('the poll was canceled'));
  }

  /** Ends the poll and a call in flight. */
  cancel(): void {
    this.#abort(new PollCanceledError('the poll was canceled'));
  }

  /** Waits on the clock. @throws the reason when the poll is ended meanwhile. */
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
    this.#deadline = new DingTalkError({
      endpoint: 'user_count',
      reason: 'timeout',
      action: 'stop',
      message: `poll: not done within ${this.#timeout / 1000} s`,
      hint: 'poll_timeout',
    });
    this.#abort(this.#deadline);
  }

  #abort(reason: Error): void {
    this.#wait.abort(reason);
    this.#call?.abort(reason);
  }
}
