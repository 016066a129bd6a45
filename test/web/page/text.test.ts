import { describe, expect, test } from 'vitest';
import {
  clip,
  formatAge,
  formatChange,
  formatDuration,
  formatNumber,
  formatShare,
  timeElement,
} from '../../../src/web/page/text.ts';
import { DAY, HOUR, MINUTE, SECOND, WALL } from './organizations.ts';

test('numbers have thousands separators', () => {
  expect([0, 999, 1_204, 9_007_199_254_740_991].map(formatNumber)).toEqual([
    '0',
    '999',
    '1,204',
    '9,007,199,254,740,991',
  ]);
});

test('changes have a sign', () => {
  expect([1_234, -6, 0].map(formatChange)).toEqual(['+1,234', '−6', '±0']);
});

describe('shares', () => {
  test('have one decimal', () => {
    expect(formatShare(2, 3)).toBe('66.7\u{A0}%');
    expect(formatShare(0, 3)).toBe('0.0\u{A0}%');
    expect(formatShare(3, 3)).toBe('100.0\u{A0}%');
  });

  test('are not whole while somebody is missing, nor nothing while there is somebody', () => {
    expect(formatShare(99_999, 100_000)).toBe('99.9\u{A0}%');
    expect(formatShare(1, 100_000)).toBe('0.1\u{A0}%');
  });

  test('are unknown where there is nobody', () => {
    expect(formatShare(0, 0)).toBeUndefined();
  });
});

test.each([
  [-HOUR, '0 s'],
  [999, '0 s'],
  [59_999, '59 s'],
  [MINUTE, '1 min'],
  [HOUR - 1, '59 min'],
  [HOUR, '1 h'],
  [91 * MINUTE, '1 h 31 min'],
  [DAY - 1, '23 h 59 min'],
  [DAY, '1 d'],
  [2 * DAY + 4.9 * HOUR, '2 d 4 h'],
  [1_500 * DAY, '1,500 d'],
])('a duration of %d ms is %s', (duration, text) => {
  expect(formatDuration(duration)).toBe(text);
});

test.each([
  [4 * MINUTE, '4 min ago'],
  [SECOND, '1 s ago'],
  [999, 'just now'],
  [-DAY, 'just now'],
])('an age of %d ms is %s', (age, text) => {
  expect(formatAge(age)).toBe(text);
});

test('a moment is exact for machines and to the second for people', () => {
  expect(timeElement(WALL + 1_234).text).toBe(
    '<time datetime="2026-01-05T09:00:01.234Z">2026-01-05 09:00:01 UTC</time>',
  );
});

describe('clip', () => {
  test('leaves text within the limit alone', () => {
    expect(clip('🏢🏢🏢', 3)).toBe('🏢🏢🏢');
  });

  test('cuts between characters and says so', () => {
    expect(clip('🏢🏢🏢🏢', 3)).toBe('🏢🏢…');
    expect(clip('x'.repeat(1_000_000), 5)).toBe('xxxx…');
  });
});
