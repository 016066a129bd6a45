import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/config/duration.ts';

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
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each([
    '',
    ' ',
    '30',
    '1.5',
    '-5m',
    '1.5h',
    '30m1h',
    '5m5m',
    '1h 30m',
    '30 s',
    '30sec',
    '5M',
    's',
    '5m\n',
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('reads nothing but numbers of at least 0', () => {
    const scraps = fc.array(fc.constantFrom('1', '30', '0', 'h', 'm', 'ms', 's', 'w', '.', ' ', '-', 'µ'));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          scraps.map((parts) => parts.join('')),
        ),
        (text) => {
          expect(parseDuration(text) ?? 0).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });
});
