import { createHash } from 'node:crypto';

const HOUR = 3_600_000;

/** Milliseconds: no poll is placed nearer to the top of an hour where the interval allows, for everybody calls then. */
const LONGEST_GUARD = 2 * 60_000;

/** The part of a stretch, at each of its ends, that is kept free where less than the guard is to be had. */
const GUARD_SHARE = 0.1;

/**
 * An organization's own place in its interval, in milliseconds from 0 to `interval`: the same at each start,
 * spread evenly over all names, and away from the top of the hour where the interval allows.
 *
 * The tops of the hours fall on the multiples of the greatest common divisor of interval and hour, so the
 * interval is cut into stretches of that length, and a place near the end of a stretch is not given out.
 */
export function placeInInterval(name: string, interval: number): number {
  const stretch = greatestCommonDivisor(interval, HOUR);
  const guard = stretch <= 1000 ? 0 : Math.min(LONGEST_GUARD, stretch * GUARD_SHARE);
  const free = stretch - 2 * guard;
  const position = fraction(name) * (interval / stretch) * free;
  const stretchesBefore = Math.floor(position / free);
  return Math.floor(stretchesBefore * stretch + guard + (position - stretchesBefore * free));
}

/** Milliseconds from `wallTime` to the next moment, later than now, at which the wall clock stands at `place` of the interval. */
export function untilPlace(wallTime: number, interval: number, place: number): number {
  const since = (((wallTime - place) % interval) + interval) % interval;
  return interval - since;
}

function fraction(name: string): number {
  return createHash('sha256').update(name, 'utf8').digest().readUIntBE(0, 6) / 2 ** 48;
}

function greatestCommonDivisor(one: number, other: number): number {
  let [larger, smaller] = [Math.round(one), Math.round(other)];
  while (smaller > 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
