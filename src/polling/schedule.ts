import { createHash } from 'node:crypto';

const HOUR = 3_600_000;

/** Milliseconds around the top of the hour without polls, if the interval allows: other programs call then. */
const MAXIMUM_GUARD = 2 * 60_000;

/** The guard at each end of a short period, as a part of the period. */
const GUARD_RATIO = 0.1;

/**
 * When an organization is polled within its interval, in milliseconds from 0 to `interval`: the same at each start,
 * evenly distributed over all names, and away from the top of the hour if the interval allows.
 *
 * Within the interval, the top of an hour may fall on any multiple of the greatest common divisor of interval and
 * hour. The interval is divided into periods of that length, whose ends are not used.
 */
export function pollOffset(name: string, interval: number): number {
  const period = greatestCommonDivisor(interval, HOUR);
  const guard = period <= 1000 ? 0 : Math.min(MAXIMUM_GUARD, period * GUARD_RATIO);
  const usable = period - 2 * guard;
  const position = fraction(name) * (interval / period) * usable;
  const periodsBefore = Math.floor(position / usable);
  return Math.floor(periodsBefore * period + guard + (position - periodsBefore * usable));
}

/** Milliseconds, more than 0, from `wallTime` to the next moment at this offset in the interval. */
export function untilOffset(wallTime: number, interval: number, offset: number): number {
  const since = (((wallTime - offset) % interval) + interval) % interval;
  return interval - since;
}

/** A hash of the name, from 0 (included) to 1 (not included). */
function fraction(name: string): number {
  return createHash('sha256').update(name, 'utf8').digest().readUIntBE(0, 6) / 2 ** 48;
}

function greatestCommonDivisor(one: number, other: number): number {
  let [larger, smaller] = [Math.round(one), Math.round(other)];
  while (smaller > 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
