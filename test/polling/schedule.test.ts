import { describe, expect, it } from 'vitest';
import { pollOffset, untilOffset } from '../../src/polling/schedule.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('the offset in the interval', () => {
  it('distributes the organizations evenly', () => {
    const parts = Array.from({ length: 10 }, () => 0);
    for (let index = 0; index < 10_000; index += 1) {
      const offset = pollOffset(`organization ${index}`, HOUR) - 2 * MINUTE;
      const part = Math.floor(offset / ((HOUR - 4 * MINUTE) / 10));
      parts[part] = (parts[part] ?? 0) + 1;
    }
    for (const count of parts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe('the wait for the offset', () => {
  it('ends at the next moment at that offset by the wall clock', () => {
    expect(untilOffset(0, 1000, 300)).toBe(300);
    expect(untilOffset(299, 1000, 300)).toBe(1);
    expect(untilOffset(300, 1000, 300)).toBe(1000);
    expect(untilOffset(12_345, 1000, 300)).toBe(955);
  });
});
