import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import './seed.ts';
import { pollOffset, untilOffset } from '../../src/polling/schedule.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** From 1 s to 7 d: whole minutes, whole seconds and others. */
const interval = fc.oneof(
  fc.integer({ min: 1, max: 7 * 24 * 3600 }).map((seconds) => seconds * SECOND),
  fc.integer({ min: 1, max: 7 * 24 * 60 }).map((minutes) => minutes * MINUTE),
  fc.integer({ min: SECOND, max: 7 * 24 * HOUR }),
);
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 128 });
const moment = fc.integer({ min: -(10 ** 14), max: 10 ** 14 });

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}

describe('the offset of an organization in its interval', () => {
  it('is not near the start of an hour if the interval allows that', () => {
    fc.assert(
      fc.property(name, interval, fc.nat(1000), (organization, length, nth) => {
        // The moments of an offset fall on every multiple of this within an hour.
        const period = greatestCommonDivisor(length, HOUR);
        fc.pre(period > SECOND);
        const into = (nth * length + pollOffset(organization, length)) % HOUR;
        const guard = Math.min(2 * MINUTE, period / 10);
        expect(Math.min(into, HOUR - into)).toBeGreaterThanOrEqual(Math.floor(guard));
      }),
      { numRuns: 1000 },
    );
  });

  it('is the next poll, which is at most one interval away', () => {
    fc.assert(
      fc.property(name, interval, moment, (organization, length, now) => {
        const offset = pollOffset(organization, length);
        expect(Number.isInteger(offset)).toBe(true);
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThan(length);
        const wait = untilOffset(now, length, offset);
        expect(wait).toBeGreaterThan(0);
        expect(wait).toBeLessThanOrEqual(length);
        const reached = (((now + wait - offset) % length) + length) % length;
        expect(reached).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });
});
