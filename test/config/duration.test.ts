import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration, parseDurationWithin } from '../../src/config/duration.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['500ms', 500],
    ['30s', 30 * SECOND],
    ['1h30m', 90 * MINUTE],
    ['1d', DAY],
    ['1w', 7 * DAY],
    ['1y', 365 * DAY],
    ['1y2w3d4h5m6s7ms', (365 + 14 + 3) * DAY + 4 * HOUR + 5 * MINUTE + 6 * SECOND + 7],
    ['90s', 90 * SECOND],
    ['007s', 7 * SECOND],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toEqual({ kind: 'duration', milliseconds });
  });

  it.each([
    ['', 'is empty: write a duration, such as 30s'],
    ['  ', 'is empty: write a duration, such as 30s'],
    ['30', '"30" has no unit: write a unit, such as 30s'],
    ['1.5', '"1.5" has no unit: write a unit, such as 30s'],
    ['-5m', '"-5m" is negative: write a duration, such as 30s'],
    ['1.5h', '"1.5h" is not how Prometheus writes durations: write 1h30m'],
    ['30m1h', '"30m1h" is not how Prometheus writes durations: write 1h30m'],
    ['5m5m', '"5m5m" is not how Prometheus writes durations: write 10m'],
    ['1h 30m', '"1h 30m" is not how Prometheus writes durations: write 1h30m'],
    ['30 s', '"30 s" is not how Prometheus writes durations: write 30s'],
    ['30sec', '"30sec" has an unknown unit "sec": units are y, w, d, h, m, s and ms'],
    ['5M', '"5M" has an unknown unit "M": units are y, w, d, h, m, s and ms'],
    ['1h30min', '"1h30min" has an unknown unit "min": units are y, w, d, h, m, s and ms'],
    ['soon', '"soon" is not a duration: write it like 30s, 5m or 1h30m'],
    ['s', '"s" is not a duration: write it like 30s, 5m or 1h30m'],
    ['1e3s', '"1e3s" has an unknown unit "e": units are y, w, d, h, m, s and ms'],
    ['300y', '"300y" is too long for a duration'],
    ['5m\n', '"5m\\n" is not how Prometheus writes durations: write 5m'],
    [`${'9'.repeat(400)}s`, `"${'9'.repeat(59)}…" is too long for a duration`],
  ])('refuses %j', (text, message) => {
    expect(parseDuration(text)).toEqual({ kind: 'fault', message });
  });

  it('ends in a duration or in a fault, whatever the text', () => {
    const scraps = fc.array(
      fc.constantFrom('1', '30', '0', 'h', 'm', 'ms', 's', 'w', '.', ' ', '-', 'min', 'µ'),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          scraps.map((parts) => parts.join('')),
        ),
        (text) => {
          const reading = parseDuration(text);
          if (reading.kind === 'fault') expect(reading.message).not.toMatch(/\n/);
          else expect(Number.isSafeInteger(reading.milliseconds)).toBe(true);
        },
      ),
    );
  });
});

describe('parseDurationWithin', () => {
  const bounds = { minimum: '1s', maximum: '7d' };

  it('takes both ends', () => {
    expect(parseDurationWithin('1s', bounds)).toEqual({ kind: 'duration', milliseconds: SECOND });
    expect(parseDurationWithin('1w', bounds)).toEqual({ kind: 'duration', milliseconds: 7 * DAY });
  });

  it.each([
    ['0', '0 is too short: at least 1s'],
    ['999ms', '999ms is too short: at least 1s'],
    ['30d', '30d is too long: at most 7d'],
    ['7d1ms', '7d1ms is too long: at most 7d'],
    ['5', '"5" has no unit: write a unit, such as 30s'],
  ])('refuses %s', (text, message) => {
    expect(parseDurationWithin(text, bounds)).toEqual({ kind: 'fault', message });
  });
});

describe('formatDuration', () => {
  // The cases of prometheus/common's own test of Duration.String().
  it.each([
    [0, '0s'],
    [324, '324ms'],
    [3 * SECOND, '3s'],
    [5 * MINUTE, '5m'],
    [HOUR, '1h'],
    [4 * DAY, '4d'],
    [4 * DAY + HOUR, '97h'],
    [14 * DAY, '2w'],
    [21 * DAY, '3w'],
    [365 * DAY, '1y'],
    [3650 * DAY, '10y'],
    [91 * MINUTE, '1h31m'],
  ])('writes %d as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  it('writes what is read back as the same', () => {
    fc.assert(
      fc.property(fc.nat({ max: 9_223_372_036_854 }), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds))).toEqual({ kind: 'duration', milliseconds });
      }),
    );
  });
});
