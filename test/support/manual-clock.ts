import type { Clock, Timer } from '../../src/clock.ts';

interface PendingTimer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
  /** Where it stands in the heap; -1 once it is out. */
  place: number;
}

/** A clock that only moves when a test moves it. Timers fire in the order in which they are due. */
export class ManualClock implements Clock {
  #monotonic = 0;
  #wall: number;
  #order = 0;
  /** A binary heap, the next timer first: a test with 10,000 organizations keeps tens of thousands of them. */
  readonly #heap: PendingTimer[] = [];

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
    const timer: PendingTimer = {
      due: this.#monotonic + Math.max(0, delay),
      order: this.#order++,
      callback,
      place: this.#heap.length,
    };
    this.#heap.push(timer);
    this.#rise(timer);
    return { cancel: () => this.#remove(timer) };
  }

  /** How many timers wait. */
  get pendingTimers(): number {
    return this.#heap.length;
  }

  /** How long until the next timer is due (ms), or undefined where none waits. */
  get untilNextTimer(): number | undefined {
    const next = this.#heap[0];
    return next === undefined ? undefined : Math.max(0, next.due - this.#monotonic);
  }

  /** Moves both clocks on, firing the timers on the way, each at its own moment. */
  advance(duration: number): void {
    const end = this.#monotonic + duration;
    for (let next = this.#heap[0]; next !== undefined && next.due <= end; next = this.#heap[0]) {
      this.#moveTo(next.due);
      this.#remove(next);
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

  #remove(timer: PendingTimer): void {
    const { place } = timer;
    if (place < 0) return;
    timer.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === timer) return;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
  }

  #rise(timer: PendingTimer): void {
    while (timer.place > 0) {
      const parent = this.#heap[(timer.place - 1) >> 1];
      if (parent === undefined || isBefore(parent, timer)) return;
      this.#swap(timer, parent);
    }
  }

  #sink(timer: PendingTimer): void {
    for (;;) {
      const left = this.#heap[2 * timer.place + 1];
      const right = this.#heap[2 * timer.place + 2];
      const child = left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || isBefore(timer, child)) return;
      this.#swap(timer, child);
    }
  }

  #swap(one: PendingTimer, other: PendingTimer): void {
    const { place } = one;
    this.#put(one, other.place);
    this.#put(other, place);
  }

  #put(timer: PendingTimer, place: number): void {
    this.#heap[place] = timer;
    timer.place = place;
  }
}

function isBefore(one: PendingTimer, other: PendingTimer): boolean {
  return one.due < other.due || (one.due === other.due && one.order < other.order);
}
