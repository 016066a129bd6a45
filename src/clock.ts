/** A timer that was set and has not necessarily fired. Cancelling one that has fired does nothing. */
export interface Timer {
  cancel(): void;
}

/**
 * Everything in the exporter that has to do with time goes through one of these, so that tests move time by
 * hand. All times and durations inside the program are milliseconds; only metrics speak of seconds.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. It may jump, back too: for time stamps, never for ages. */
  wallTime(): number;
  /** Milliseconds since some fixed moment. It never runs backwards: for ages and deadlines. */
  monotonicTime(): number;
  /** Calls back once, not before `delay` milliseconds have passed on the monotonic clock. */
  setTimer(callback: () => void, delay: number): Timer;
}

/** Node fires a timer that is longer than 2^31 - 1 ms at once, so longer ones are waited for in parts. */
const LONGEST_NODE_TIMER = 2 ** 31 - 1;

class SystemTimer implements Timer {
  #handle: NodeJS.Timeout | undefined;

  constructor(callback: () => void, delay: number) {
    const due = performance.now() + delay;
    const arm = (): void => {
      const left = due - performance.now();
      if (left <= 0) {
        this.#handle = undefined;
        callback();
        return;
      }
      this.#handle = setTimeout(arm, Math.min(Math.ceil(left), LONGEST_NODE_TIMER));
    };
    this.#handle = setTimeout(arm, Math.min(Math.max(0, Math.ceil(delay)), LONGEST_NODE_TIMER));
  }

  cancel(): void {
    clearTimeout(this.#handle);
    this.#handle = undefined;
  }
}

/** The clock of the machine. */
export const systemClock: Clock = {
  wallTime: () => Date.now(),
  monotonicTime: () => performance.now(),
  setTimer: (callback, delay) => new SystemTimer(callback, delay),
};
