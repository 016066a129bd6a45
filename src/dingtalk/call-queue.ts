import type { Clock, Timer } from '../clock.ts';

/** How many calls may be made. */
export interface CallLimits {
  /** Calls in any one second. */
  readonly rateLimit: number;
  /** Calls in flight at once. */
  readonly concurrency: number;
}

/** Milliseconds: a tenth more than a second, because not all calls take equally long to arrive. */
const WINDOW = 1100;

/**
 * The queue of all calls to DingTalk. It bounds the calls in flight, and it paces their starts by the monotonic clock:
 * at most `rateLimit` start in any 1.1 seconds, and at most a quarter of that in any quarter of this time, so that a
 * poll that is alone does not wait, and no more than `rateLimit` arrive in any one second.
 *
 * Calls of polls under way go before calls that begin a poll; otherwise the first in the queue is the first out.
 */
export class CallQueue {
  readonly #clock: Clock;
  #limits: CallLimits;
  readonly #underWay = new Set<() => void>();
  readonly #beginning = new Set<() => void>();
  /** When the calls of the last window started (monotonic, ms). */
  readonly #starts: number[] = [];
  #inFlight = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, limits: CallLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Sets other limits; calls in flight go on. */
  setLimits(limits: CallLimits): void {
    this.#limits = limits;
    this.#cancelTimer();
    this.#startNext();
  }

  /**
   * Makes a call when its turn comes.
   *
   * @param signal aborts the wait, not the call.
   * @throws the signal's reason, or whatever the call throws.
   */
  run<T>(call: () => Promise<T>, isUnderWay: boolean, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const queue = isUnderWay ? this.#underWay : this.#beginning;
      const start = (): void => {
        signal.removeEventListener('abort', leave);
        resolve(call().finally(() => this.#ended()));
      };
      const leave = (): void => {
        queue.delete(start);
        if (this.#next() === undefined) this.#cancelTimer();
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      queue.add(start);
      this.#startNext();
    });
  }

  #startNext(): void {
    while (this.#timer === undefined && this.#inFlight < this.#limits.concurrency) {
      const next = this.#next();
      if (next === undefined) return;
      const now = this.#clock.monotonicTime();
      const earliest = this.#earliestStart();
      if (now < earliest) {
        this.#timer = this.#clock.setTimer(() => {
          this.#timer = undefined;
          this.#startNext();
        }, earliest - now);
        return;
      }
      while (now - (this.#starts[0] ?? now) >= WINDOW) this.#starts.shift();
      this.#starts.push(now);
      this.#inFlight += 1;
      if (!this.#underWay.delete(next)) this.#beginning.delete(next);
      next();
    }
  }

  #ended(): void {
    this.#inFlight -= 1;
    this.#startNext();
  }

  #next(): (() => void) | undefined {
    const [next] = this.#underWay.size > 0 ? this.#underWay : this.#beginning;
    return next;
  }

  #earliestStart(): number {
    const after = (calls: number, time: number): number => (this.#starts.at(-calls) ?? -Infinity) + time;
    const { rateLimit } = this.#limits;
    return Math.max(after(rateLimit, WINDOW), after(Math.ceil(rateLimit / 4), WINDOW / 4));
  }

  #cancelTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
