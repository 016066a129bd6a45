/** A timer. Canceling one that has fired does nothing. */
export interface Timer {
  cancel(): void;
}

/** The source of time, so that tests can advance it. All times and durations in the program are milliseconds. */
export interface Clock {
  /** Milliseconds since the Unix epoch. It may jump in both directions: for timestamps, never for ages. */
  wallTime(): number;
  /** Milliseconds since some fixed moment. It never decreases: for ages and deadlines. */
  monotonicTime(): number;
  /** Calls back once, after `delay` milliseconds on the monotonic clock. */
  setTimer(callback: () => void, delay: number): Timer;
}

/** Milliseconds. Node fires a longer timer at once, so longer ones are waited for in parts. */
const MAXIMUM_NODE_TIMER = 2 ** 31 - 1;

/** The clock of the machine. */
export const systemClock: Clock = {
  wallTime: () => Date.now(),
  monotonicTime: () => performance.now(),
  setTimer(callback, delay) {
    const due = performance.now() + delay;
    const wait = (left: number): NodeJS.Timeout =>
      setTimeout(fire, Math.min(Math.max(0, Math.ceil(left)), MAXIMUM_NODE_TIMER));
    const fire = (): void => {
      const left = due - performance.now();
      if (left <= 0) callback();
      else timeout = wait(left);
    };
    let timeout = wait(delay);
    return { cancel: () => clearTimeout(timeout) };
  },
};
