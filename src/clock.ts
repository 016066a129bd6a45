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

/** Node fires a longer timer at once. */
const MAXIMUM_NODE_DELAY = 2 ** 31 - 1;

/** The clock of the machine. */
export const systemClock: Clock = {
  wallTime: () => Date.now(),
  monotonicTime: () => performance.now(),
  setTimer(callback, delay) {
    const end = performance.now() + delay;
    let handle: NodeJS.Timeout;
    const wait = (): void => {
      const left = Math.max(0, Math.ceil(end - performance.now()));
      handle = left > MAXIMUM_NODE_DELAY ? setTimeout(wait, MAXIMUM_NODE_DELAY) : setTimeout(callback, left);
    };
    wait();
    return { cancel: () => clearTimeout(handle) };
  },
};
