import type { Clock, Timer } from '../clock.ts';

/** How many calls may go out. */
export interface CallLimits {
  /** Calls in any one second. */
  readonly rateLimit: number;
  /** Calls in flight at once. */
  readonly concurrency: number;
}

/** The right to make one call. It must be left when the call has ended, well or badly. */
export interface CallPlace {
  leave(): void;
}

interface Waiting {
  readonly polledAt: number;
  readonly admit: () => void;
}

/** Milliseconds: the stretch of time in which at most `rateLimit` calls may arrive at DingTalk. */
const WINDOW = 1000;

/** Milliseconds: as much of a pause that is over is made up for, because no timer is exact. */
const LATENESS = 5;

/** Milliseconds: a call that takes long gives its place in the window back even so, lest it slow the others. */
const LONGEST_HOLD = 2 * WINDOW;

/**
 * All calls to DingTalk go through this one gate. It bounds the calls in flight, and the calls in any one
 * second. When exactly a call arrives is not known, only that it is between its start and its end; so a call
 * counts from its start until a second after its end, and connections that are slow to open let no burst
 * through. Ages are monotonic: a clock set back stops nothing.
 *
 * The first ones start at once. Where more wait than the limit allows, the others follow one by one, evenly over
 * the second, and not as a burst in each.
 *
 * Whoever goes on with a poll is let in before whoever begins one, so that a poll once begun is not held up by
 * thousands that wait. Of those that begin, whoever was polled longest ago is first, so that in a rush of
 * thousands no number grows much older than another.
 */
export class CallGate {
  readonly #clock: Clock;
  #limits: CallLimits;
  #inFlight = 0;
  #inWindow = 0;
  readonly #goingOn = new Set<Waiting>();
  /** Whoever was polled longest ago first. */
  readonly #beginning: Waiting[] = [];
  readonly #timers = new Set<Timer>();
  /** When the next one may go, while more wait than the limit allows (monotonic, ms). */
  #nextAt = -Infinity;
  #pause: (() => void) | undefined;
  #closed = false;

  constructor(clock: Clock, limits: CallLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Other limits from now on; calls in flight are not disturbed. */
  setLimits(limits: CallLimits): void {
    this.#limits = limits;
    this.#nextAt = -Infinity;
    this.#letIn();
  }

  /**
   * Waits for a place.
   *
   * @param polledAt when whoever begins was polled last (monotonic, ms); never unless given.
   * @throws the signal's reason when it is aborted before there was one.
   */
  enter(signal: AbortSignal, goesOn: boolean, polledAt = -Infinity): Promise<CallPlace> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const giveUp = (): void => {
        if (goesOn) this.#goingOn.delete(waiting);
        else this.#beginning.splice(this.#beginning.indexOf(waiting), 1);
        reject(signal.reason);
      };
      const waiting: Waiting = {
        polledAt,
        admit: () => {
          signal.removeEventListener('abort', giveUp);
          resolve(this.#take());
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      if (goesOn) this.#goingOn.add(waiting);
      else this.#beginning.splice(this.#turnOf(polledAt), 0, waiting);
      this.#letIn();
    });
  }

  /** Forgets the calls of the last second, and of those that end later, so that nothing keeps the process alive. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #letIn(): void {
    const { concurrency, rateLimit } = this.#limits;
    while (this.#inFlight < concurrency && this.#inWindow < rateLimit) {
      if (this.#goingOn.size === 0 && this.#beginning.length === 0) {
        this.#nextAt = -Infinity;
        return;
      }
      const now = this.#clock.monotonicTime();
      if (now < this.#nextAt) {
        this.#pause ??= this.#after(this.#nextAt - now, () => {
          this.#pause = undefined;
          this.#letIn();
        });
        return;
      }
      this.#takeNext()?.admit();
      if (this.#nextAt > -Infinity || this.#inWindow === rateLimit) {
        this.#nextAt = Math.max(this.#nextAt, now - LATENESS) + WINDOW / rateLimit;
      }
    }
  }

  #takeNext(): Waiting | undefined {
    const [goingOn] = this.#goingOn;
    if (goingOn === undefined) return this.#beginning.shift();
    this.#goingOn.delete(goingOn);
    return goingOn;
  }

  /** Behind all that were polled no later. */
  #turnOf(polledAt: number): number {
    let low = 0;
    let high = this.#beginning.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#beginning[middle]?.polledAt ?? Infinity) <= polledAt) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #take(): CallPlace {
    this.#inFlight += 1;
    this.#inWindow += 1;
    const start = this.#clock.monotonicTime();
    let inWindow = true;
    let left = false;
    const outOfWindow = (): void => {
      inWindow = false;
      this.#inWindow -= 1;
      this.#letIn();
    };
    let cancel = this.#after(LONGEST_HOLD, outOfWindow);
    return {
      leave: () => {
        if (left) return;
        left = true;
        this.#inFlight -= 1;
        if (inWindow && this.#clock.monotonicTime() - start < LONGEST_HOLD - WINDOW) {
          cancel();
          cancel = this.#after(WINDOW, outOfWindow);
        }
        this.#letIn();
      },
    };
  }

  #after(delay: number, callback: () => void): () => void {
    if (this.#closed) return () => {};
    const timer = this.#clock.setTimer(() => {
      this.#timers.delete(timer);
      callback();
    }, delay);
    this.#timers.add(timer);
    return () => {
      timer.cancel();
      this.#timers.delete(timer);
    };
  }
}
