import type { Clock, Timer } from '../clock.ts';
import type { Caller } from '../dingtalk/call.ts';
import { Cancellation } from '../dingtalk/cancellation.ts';
import { DingTalkError } from '../dingtalk/dingtalk-error.ts';

/**
 * One poll under way: its deadline, which begins with its first call (a poll that waits in a long queue is not
 * late by its own fault), and the two ways to end it early.
 */
export class PollRun implements Caller {
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly polledAt: number;
  readonly #waiting = new AbortController();
  /** Made for the first call: thousands of polls may wait for their turn. */
  #calling: AbortController | undefined;
  #cut: Error | undefined;
  /** Undefined until the deadline has passed. */
  #deadline: DingTalkError | undefined;
  #begunAt: number | undefined;
  #timer: Timer | undefined;
  /** The last real failure: the reason of the poll when its deadline passes. */
  #lastFailure: DingTalkError | undefined;

  /**
   * @param timeout milliseconds for the whole poll.
   * @param polledAt when the poll before this one ended (monotonic, ms); never unless given.
   */
  constructor(clock: Clock, timeout: number, polledAt = -Infinity) {
    this.#clock = clock;
    this.#timeout = timeout;
    this.polledAt = polledAt;
  }

  get waiting(): AbortSignal {
    return this.#waiting.signal;
  }

  get calling(): AbortSignal {
    this.#calling ??= new AbortController();
    if (this.#cut !== undefined) this.#calling.abort(this.#cut);
    return this.#calling.signal;
  }

  get begun(): boolean {
    return this.#begunAt !== undefined;
  }

  /** Monotonic, ms; undefined while the poll waits for its turn. */
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
    return this.#begunAt === undefined
      ? this.#timeout
      : this.#begunAt + this.#timeout - this.#clock.monotonicTime();
  }

  /**
   * Keeps in mind why a call failed. The deadline itself is no failure of a call, and a refused token is none
   * yet: with a new one the call is repeated.
   */
  failed(error: unknown): void {
    if (!(error instanceof DingTalkError) || error === this.#deadline) return;
    if (error.failure.action !== 'renew_token') this.#lastFailure = error;
  }

  /** A call went well in the end: what went wrong with it before is mended, and no reason for anything. */
  succeeded(): void {
    this.#lastFailure = undefined;
  }

  /** What the poll failed for: throttled until the deadline is throttled, not timed out. */
  reasonToFail(error: unknown): unknown {
    return error === this.#deadline && this.#lastFailure !== undefined ? this.#lastFailure : error;
  }

  /** Waits no longer, but lets a call in flight end. */
  drain(): void {
    this.#waiting.abort(new Cancellation('the poll was given up'));
  }

  /** Cuts a call in flight as well. */
  cancel(): void {
    this.#abort(new Cancellation('the poll was given up'));
  }

  /** Waits on the clock. @throws the reason when the poll is ended meanwhile. */
  pause(duration: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.waiting.aborted) {
        reject(this.waiting.reason);
        return;
      }
      const giveUp = (): void => {
        timer.cancel();
        reject(this.waiting.reason);
      };
      const timer = this.#clock.setTimer(() => {
        this.waiting.removeEventListener('abort', giveUp);
        resolve();
      }, duration);
      this.waiting.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** The poll is over: no timer is left. */
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
    this.#waiting.abort(reason);
    this.#calling?.abort(reason);
    this.#cut = reason;
  }
}
