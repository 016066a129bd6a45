import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/config/values.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['500ms', 500],
    ['1h30m', 90 * MINUTE],
    ['1y2w3d4h5m6s7ms', (365 + 14 + 3) * DAY + 4 * HOUR + 5 * MINUTE + 6 * SECOND + 7],
    ['007s', 7 * SECOND],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '30', '-5m', '1.5h', '30m1h', '5m5m', '1h 30m', '30sec', '5M', 's', '5m\n'])(
    'refuses %j',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});
