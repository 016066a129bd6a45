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
  readonly #timers = new Set<PendingTimer>();

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
    const timer: PendingTimer = { due: this.#monotonic + Math.max(0, delay), order: this.#order++, callback };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /** How many timers wait. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** How long until the next timer is due (ms), or undefined where none waits. */
  get untilNextTimer(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : Math.max(0, next.due - this.#monotonic);
  }

  /** Moves both clocks on, firing the timers on the way, each at its own moment. */
  advance(duration: number): void {
    const end = this.#monotonic + duration;
    for (let next = this.#next(); next !== undefined && next.due <= end; next = this.#next()) {
      this.#moveTo(next.due);
      this.#timers.delete(next);
      next.callback();
    }
    this.#moveTo(end);
  }

  /** Sets the wall clock forward or, with a negative value, back; the monotonic one goes on untouched. */
  stepWallClock(by: number): void {
    this.#wall += by;
  }

  #moveTo(moment: number): void {
    const passed = Math.max(0, moment - this.#monotonic);
    this.#monotonic += passed;
    this.#wall += passed;
  }

  #next(): PendingTimer | undefined {
    let first: PendingTimer | undefined;
    for (const timer of this.#timers) {
      if (
        first === undefined ||
        timer.due < first.due ||
        (timer.due === first.due && timer.order < first.order)
      ) {
        first = timer;
      }
    }
    return first;
  }
}
