import { expect, test } from 'vitest';
import { en } from '../../../src/web/page/en.ts';
import { zhCN } from '../../../src/web/page/zh-cn.ts';
import { DAY, HOUR, MINUTE, WALL } from './organizations.ts';

test.each([
  [-HOUR, '0 sec', '0秒'],
  [999, '0 sec', '0秒'],
  [59_999, '59 sec', '59秒'],
  [HOUR - 1, '59 min', '59分钟'],
  [HOUR, '1 hr', '1小时'],
  [91 * MINUTE, '1 hr 31 min', '1小时31分钟'],
  [DAY - 1, '23 hr 59 min', '23小时59分钟'],
  [2 * DAY + 4.9 * HOUR, '2 days 4 hr', '2天4小时'],
  [1_500 * DAY, '1,500 days', '1,500天'],
])('a duration of %d ms is %s or %s', (duration, english, chinese) => {
  expect(en.duration(duration)).toBe(english);
  expect(zhCN.duration(duration)).toBe(chinese);
});

test('an age below a second, or below zero, is just now', () => {
  expect([en.ago(999), en.ago(-DAY), en.ago(4 * MINUTE)]).toEqual(['just now', 'just now', '4 min ago']);
  expect([zhCN.ago(999), zhCN.ago(4 * MINUTE)]).toEqual(['刚刚', '4分钟前']);
});

test('a date has the exact time as an attribute, and is shown in UTC', () => {
  const datetime = '<time datetime="2026-01-05T09:00:01.234Z">';
  expect(en.time(WALL + 1_234).text).toBe(`${datetime}Jan 5, 2026, 09:00 UTC</time>`);
  expect(zhCN.time(WALL + 1_234).text).toBe(`${datetime}2026年1月5日 09:00 UTC</time>`);
});

test('a share has one decimal, and is 0% or 100% only if it is exactly that', () => {
  expect(en.share(2, 3)).toBe('66.7%');
  expect([en.share(0, 3), en.share(3, 3)]).toEqual(['0.0%', '100.0%']);
  expect([en.share(1, 100_000), en.share(99_999, 100_000)]).toEqual(['0.1%', '99.9%']);
  expect(en.share(0, 0)).toBeUndefined();
});
