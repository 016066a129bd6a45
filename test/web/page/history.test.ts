import { describe, expect, test } from 'vitest';
import { en } from '../../../src/web/page/en.ts';
import { renderHistory } from '../../../src/web/page/history.ts';
import { MINUTE, WALL } from './organizations.ts';

const read = (minute: number, employees: number, active: number) => ({
  at: WALL + minute * MINUTE,
  employees,
  active,
});
const failed = (minute: number) => ({ at: WALL + minute * MINUTE, employees: undefined, active: undefined });

/** The paths of the drawing by their class, and the text beside and below it. */
function rendered(points: Parameters<typeof renderHistory>[0]): Record<string, string> {
  const markup = renderHistory(points, en)?.text ?? '';
  const paths = [...markup.matchAll(/<path class="([^"]+)" d="([^"]+)"\/>/g)].map(([, kind, path]) => [
    kind,
    path,
  ]);
  const text = markup
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return { ...Object.fromEntries(paths), text };
}

describe('renderHistory', () => {
  test('returns nothing before a poll has ended', () => {
    expect(renderHistory([], en)).toBeUndefined();
  });

  test('draws steps from left to right, with minimum and maximum of each count', () => {
    expect(rendered([read(0, 100, 50), read(10, 110, 50), read(30, 110, 55), read(40, 105, 55)])).toEqual({
      // The employees span 10 people, the full height of 13 units; the active ones 5, half of it.
      employees: 'M3 15.5H51.5V2.5H197V9H197',
      'employees dot': 'M197 9h0',
      active: 'M3 29.3H148.5V22.8H197',
      'active dot': 'M197 22.8h0',
      text: 'Employees 100–110 Active 50–55 +5 people in 40 min',
    });
  });

  test('draws a single poll as a dot', () => {
    expect(rendered([read(0, 8, 0)])).toEqual({
      employees: 'M197 9H197',
      'employees dot': 'M197 9h0',
      active: 'M197 26H197',
      'active dot': 'M197 26h0',
      text: 'Employees 8 Active 0',
    });
  });

  test('draws a small change as a small step', () => {
    // The full height of 13 units is at least 2% of the people, here 20: one of them is 0.65.
    expect(rendered([read(0, 1_000, 900), read(10, 999, 900)])).toMatchObject({
      employees: 'M3 8.7H197V9.3H197',
      text: 'Employees 999–1,000 Active 900 -1 person in 10 min',
    });
  });

  test('draws failed polls as a gap and a mark, and counts them', () => {
    expect(
      rendered([read(0, 10, 5), read(10, 10, 5), failed(20), failed(25), read(40, 10, 5)]),
    ).toMatchObject({
      failed: 'M100 38H197',
      employees: 'M3 9H100M197 9H197',
      text: 'Employees 10 Active 5 no change in 40 min 2 of 5 polls failed',
    });
  });

  test('draws no dot after a failed poll', () => {
    const parts = rendered([read(0, 10, 5), failed(10)]);
    expect(Object.keys(parts)).toEqual(['failed', 'employees', 'active', 'text']);
  });

  test('draws no line if every poll failed', () => {
    expect(rendered([failed(0), failed(5)])).toEqual({ failed: 'M3 38H197', text: '2 of 2 polls failed' });
  });

  test('draws no line to the left if the wall clock was set back', () => {
    const { employees } = rendered([read(0, 10, 5), read(20, 14, 5), read(-60, 10, 5), read(40, 14, 5)]);
    expect(employees).toBe('M3 15.5H100V2.5H100V15.5H197V2.5H197');
  });

  test('stays short for polls with the same counts', () => {
    const long = Array.from({ length: 5_000 }, (_, minute) => read(minute, 1_000, 900));
    expect(renderHistory(long, en)?.text.length).toBeLessThan(800);
  });
});
