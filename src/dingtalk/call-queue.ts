import type { Clock, Timer } from '../clock.ts';

/** Limits of the calls to DingTalk. */
export interface CallLimits {
  /** Calls in any one second. */
  readonly rateLimit: number;
  /** Calls in flight at once. */
  readonly concurrency: number;
}

/** Milliseconds: the time in which at most `rateLimit` calls arrive. */
const WINDOW = 1000;

/**
 * The queue of all calls to DingTalk. It bounds the calls in flight, and by the monotonic clock those that arrive in
 * any one second: a call counts until one second after it arrived. Its arrival is not known: it is taken as its end,
 * or as one second after its start if that is earlier. At most a quarter of `rateLimit` start in any quarter of a
 * second, so that calls do not come in bursts.
 *
 * Calls of polls in progress go before calls that begin a poll; otherwise first in, first out.
 */
export class CallQueue {
  readonly #clock: Clock;
  #limits: CallLimits;
  readonly #inProgress = new Set<() => void>();
  readonly #beginning = new Set<() => void>();
  #inFlight = 0;
  /** Calls that may not have arrived yet. */
  #onTheWay = 0;
  /** Monotonic, ms, oldest first; what is older than the window is removed. */
  readonly #arrivals: number[] = [];
  readonly #starts: number[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock, limits: CallLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Changes the limits; calls in flight continue. */
  setLimits(limits: CallLimits): void {
    this.#limits = limits;
    this.#cancelTimer();
    this.#startNext();
  }

  /**
   * Makes a call when the limits allow it.
   *
   * @param isInProgress whether its poll has made a call before.
   * @param signal aborts the wait, not the call.
   * @throws the signal's reason, or whatever the call throws.
   */
  run<T>(call: () => Promise<T>, isInProgress: boolean, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const queue = isInProgress ? this.#inProgress : this.#beginning;
      const start = (): void => {
        queue.delete(start);
        signal.removeEventListener('abort', leave);
        resolve(this.#make(call));
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
      const now = this.#clock.monotonicTime();
      const earliest = this.#earliestStart(now);
      if (next === undefined || earliest === Infinity) return;
      if (earliest <= now) next();
      else {
        this.#timer = this.#clock.setTimer(() => {
          this.#timer = undefined;
          this.#startNext();
        }, earliest - now);
      }
    }
  }

  #next(): (() => void) | undefined {
    const [next] = this.#inProgress.size > 0 ? this.#inProgress : this.#beginning;
    return next;
  }

  /** Infinity while all that count are still on their way. */
  #earliestStart(now: number): number {
    while (now - (this.#arrivals[0] ?? now) >= WINDOW) this.#arrivals.shift();
    while (now - (this.#starts[0] ?? now) >= WINDOW / 4) this.#starts.shift();
    const { rateLimit } = this.#limits;
    const excess = this.#onTheWay + this.#arrivals.length - rateLimit;
    const perSecond = excess < 0 ? now : (this.#arrivals[excess] ?? Infinity) + WINDOW;
    const perQuarter = (this.#starts.at(-Math.ceil(rateLimit / 4)) ?? -Infinity) + WINDOW / 4;
    return Math.max(perSecond, perQuarter);
  }

  #make<T>(call: () => Promise<T>): Promise<T> {
    this.#inFlight += 1;
    this.#onTheWay += 1;
    this.#starts.push(this.#clock.monotonicTime());
    let hasArrived = false;
    const arrive = (): void => {
      if (!hasArrived) {
        hasArrived = true;
        this.#onTheWay -= 1;
        this.#arrivals.push(this.#clock.monotonicTime());
      }
      this.#startNext();
    };
    const timer = this.#clock.setTimer(arrive, WINDOW);
    return call().finally(() => {
      timer.cancel();
      this.#inFlight -= 1;
      arrive();
    });
  }

  #cancelTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
