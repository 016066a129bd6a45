import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../src/clock.ts';

const DAY = 86_400_000;

describe('a timer of the system clock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([0, 0.4, 1, 1000.5, 30 * DAY, 365 * DAY])('fires once, after %d ms and not before', (delay) => {
    let fired = 0;
    systemClock.setTimer(() => {
      fired += 1;
    }, delay);
    if (delay > 0) vi.advanceTimersByTime(Math.ceil(delay) - 1);
    expect(fired).toBe(0);
    vi.advanceTimersByTime(1);
    expect(fired).toBe(1);
    vi.advanceTimersByTime(DAY);
    expect(fired).toBe(1);
  });

  it.each([1000, 60 * DAY])('of %d ms does not fire once it is canceled', (delay) => {
    let fired = 0;
    const timer = systemClock.setTimer(() => {
      fired += 1;
    }, delay);
    vi.advanceTimersByTime(delay / 2);
    timer.cancel();
    vi.advanceTimersByTime(delay);
    expect(fired).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
