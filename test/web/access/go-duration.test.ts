import { describe, expect, it } from 'vitest';
import { parseGoDuration } from '../../../src/web/access/go-duration.ts';

describe('parseGoDuration', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['300ms', 300],
    ['1.5h', 5_400_000],
    ['1m30s', 90_000],
    ['.5s', 500],
    ['1.s', 1_000],
    ['250us', 0.25],
    ['250µs', 0.25],
    ['2000000ns', 2],
    ['1h1ms', 3_600_001],
  ])('reads %s', (text, milliseconds) => {
    expect(parseGoDuration(text)).toBeCloseTo(milliseconds, 9);
  });

  it.each(['', '5', '-1s', '1d', '1 s', 's', '.s', '1s2', '1e3s', '١s', `${'9'.repeat(400)}h`])(
    'refuses %j',
    (text) => {
      expect(parseGoDuration(text)).toBeUndefined();
    },
  );
});
