import { describe, expect, it } from 'vitest';
import { pollOffset, untilOffset } from '../../src/polling/schedule.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('the place in the interval', () => {
  it('is the same at each start, and another for another name', () => {
    expect(pollOffset('acme', 30 * MINUTE)).toBe(pollOffset('acme', 30 * MINUTE));
    expect(pollOffset('acme', 30 * MINUTE)).not.toBe(pollOffset('emca', 30 * MINUTE));
  });

  it.each([
    ['30m', 30 * MINUTE, 2 * MINUTE],
    ['1h', HOUR, 2 * MINUTE],
    ['6h', 6 * HOUR, 2 * MINUTE],
    ['45m', 45 * MINUTE, 1.5 * MINUTE],
    ['7m', 7 * MINUTE, 6000],
    ['1m', MINUTE, 6000],
  ])('stays away from every top of the hour with an interval of %s', (_title, interval, guard) => {
    for (let index = 0; index < 100; index += 1) {
      const place = pollOffset(`organization ${index}`, interval);
      expect(place).toBeGreaterThanOrEqual(0);
      expect(place).toBeLessThan(interval);
      for (let turn = 0; turn < 60; turn += 1) {
        const minuteOfHour = (place + turn * interval) % HOUR;
        expect(Math.min(minuteOfHour, HOUR - minuteOfHour)).toBeGreaterThanOrEqual(guard - 1);
      }
    }
  });

  it.each([1000, 5000, 61_000, 7 * 24 * HOUR])('stays in an interval of %i ms', (interval) => {
    for (let index = 0; index < 200; index += 1) {
      const place = pollOffset(`organization ${index}`, interval);
      expect(place).toBeGreaterThanOrEqual(0);
      expect(place).toBeLessThan(interval);
    }
  });

  it('spreads the organizations evenly', () => {
    const parts = Array.from({ length: 10 }, () => 0);
    for (let index = 0; index < 10_000; index += 1) {
      const place = pollOffset(`organization ${index}`, HOUR) - 2 * MINUTE;
      const part = Math.floor(place / ((HOUR - 4 * MINUTE) / 10));
      parts[part] = (parts[part] ?? 0) + 1;
    }
    for (const count of parts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe('the wait for the place', () => {
  it('leads to the next moment at which the wall clock stands there', () => {
    expect(untilOffset(0, 1000, 300)).toBe(300);
    expect(untilOffset(299, 1000, 300)).toBe(1);
    expect(untilOffset(300, 1000, 300)).toBe(1000);
    expect(untilOffset(12_345, 1000, 300)).toBe(955);
  });
});
