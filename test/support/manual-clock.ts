import type { Clock, Timer } from '../../src/clock.ts';

interface PendingTimer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that only moves when a test moves it. Timers fire in the order in which they are due. */
export class ManualClock implements Clock {
  #monotonic = 0;
  #wall: number;
  #order = 0;
  /** Sorted, with the next timer at the end. */
  readonly #timers: PendingTimer[] = [];

  constructor(wallTime = Date.UTC(2026, 0, 5, 9, 0, 0)) {
    this.#wall = wallTime;
  }

  wallTime(): number {
    return this.#wall;
  }

  monotonicTime(): number {
    return this.#monotonic;
  }

  setTimer(callback: () => void, delay: number): Timer {
    const timer = { due: this.#monotonic + Math.max(0, delay), order: this.#order++, callback };
    this.#timers.splice(this.#placeOf(timer), 0, timer);
    return {
      cancel: () => {
        const place = this.#placeOf(timer);
        if (this.#timers[place] === timer) this.#timers.splice(place, 1);
      },
    };
  }

  /** The number of pending timers. */
  get pendingTimers(): number {
    return this.#timers.length;
  }

  /** How long until the next timer is due (ms), or undefined where none is pending. */
  get untilNextTimer(): number | undefined {
    const next = this.#timers.at(-1);
    return next === undefined ? undefined : Math.max(0, next.due - this.#monotonic);
  }

  /** Advances both clocks and fires each timer at its own moment. */
  advance(duration: number): void {
    const end = this.#monotonic + duration;
    for (let next = this.#timers.at(-1); next !== undefined && next.due <= end; next = this.#timers.at(-1)) {
      this.#moveTo(next.due);
      this.#timers.pop();
      next.callback();
    }
    this.#moveTo(end);
  }

  /** Sets the wall clock forward or, with a negative value, back; the monotonic one is not changed. */
  stepWallClock(by: number): void {
    this.#wall += by;
  }

  #moveTo(moment: number): void {
    const passed = Math.max(0, moment - this.#monotonic);
    this.#monotonic += passed;
    this.#wall += passed;
  }

  /** The index of a timer, or where it is to be inserted: behind all that fire later. */
  #placeOf({ due, order }: PendingTimer): number {
    let [low, high] = [0, this.#timers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#timers[middle];
      const firesLater =
        other !== undefined && (other.due > due || (other.due === due && other.order > order));
      if (firesLater) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
