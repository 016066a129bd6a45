import type { Clock } from '../../clock.ts';

/** A token bucket: one token each `interval` milliseconds, `burst` at the most, full at the start. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #burst: number;
  #tokens: number;
  #countedAt: number;

  constructor(interval: number, burst: number, clock: Clock) {
    this.#clock = clock;
    this.#interval = interval;
    this.#burst = burst;
    this.#tokens = burst;
    this.#countedAt = clock.monotonicTime();
  }

  /** Takes a token, if there is one. */
  allow(): boolean {
    const now = this.#clock.monotonicTime();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#countedAt) / this.#interval);
    this.#countedAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
