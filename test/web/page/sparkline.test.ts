import { describe, expect, test } from 'vitest';
import type { CoursePoint } from '../../../src/polling/organization-state.ts';
import { renderSparkline } from '../../../src/web/page/sparkline.ts';
import { MINUTE, WALL } from './organizations.ts';

const read = (minute: number, employees: number, active: number): CoursePoint => ({
  at: WALL + minute * MINUTE,
  employees,
  active,
});
const failed = (minute: number): CoursePoint => ({
  at: WALL + minute * MINUTE,
  employees: undefined,
  active: undefined,
});

/** The paths of the drawing by their class, and its title. */
function drawn(course: readonly CoursePoint[]): Record<string, string> {
  const text = renderSparkline(course)?.text ?? '';
  const paths = [...text.matchAll(/<path class="([^"]+)" d="([^"]+)"\/>/g)].map(([, kind, path]) => [
    kind,
    path,
  ]);
  return { ...Object.fromEntries(paths), title: /<title>(.*)<\/title>/.exec(text)?.[1] ?? '' };
}

describe('renderSparkline', () => {
  test('draws nothing before a poll has ended', () => {
    expect(renderSparkline([])).toBeUndefined();
  });

  test('is one picture with its words as its title', () => {
    expect(renderSparkline([read(0, 10, 5)])?.text).toBe(
      '<svg class="spark" role="img" viewBox="0 0 200 40" preserveAspectRatio="none">' +
        '<title>1 poll, none failed. All: first 10, last 10, lowest 10, highest 10. Active: first 5, last 5, lowest 5, highest 5.</title>' +
        '<path class="all" d="M197 9H197"/><path class="all dot" d="M197 9h0"/>' +
        '<path class="act" d="M197 26H197"/><path class="act dot" d="M197 26h0"/></svg>',
    );
  });

  test('draws steps from left to right, both counts by the same scale', () => {
    expect(drawn([read(0, 100, 50), read(10, 110, 50), read(30, 110, 55), read(40, 105, 55)])).toEqual({
      // Everyone spans 10 people, the whole lane of 13 units; the active ones span 5, half of theirs.
      all: 'M3 15.5H51.5V2.5H197V9H197',
      'all dot': 'M197 9h0',
      act: 'M3 29.3H148.5V22.8H197',
      'act dot': 'M197 22.8h0',
      title:
        '4 polls in 40 min, none failed. All: first 100, last 105, lowest 100, highest 110. Active: first 50, last 55, lowest 50, highest 55.',
    });
  });

  test('draws a flat line in the middle of its lane', () => {
    expect(drawn([read(0, 8, 8), read(10, 8, 8), read(20, 8, 8)])).toMatchObject({
      all: 'M3 9H197',
      act: 'M3 26H197',
    });
  });

  test('keeps one person of a thousand small', () => {
    // 2 % of 1,000 people are the lane's 13 units, so one of them is 0.65.
    expect(drawn([read(0, 1_000, 900), read(10, 999, 900)])).toMatchObject({ all: 'M3 8.7H197V9.3H197' });
  });

  test('leaves a gap where polls failed, and marks it', () => {
    expect(drawn([read(0, 10, 5), read(10, 10, 5), failed(20), failed(25), read(40, 12, 5)])).toEqual({
      out: 'M100 38H197',
      all: 'M3 12.3H100M197 5.8H197',
      'all dot': 'M197 5.8h0',
      act: 'M3 26H100M197 26H197',
      'act dot': 'M197 26h0',
      title:
        '5 polls in 40 min, 2 failed. All: first 10, last 12, lowest 10, highest 12. Active: first 5, last 5, lowest 5, highest 5.',
    });
  });

  test('puts no dot at the end of a course that ends in a failure', () => {
    expect(Object.keys(drawn([read(0, 10, 5), failed(10)]))).toEqual(['out', 'all', 'act', 'title']);
  });

  test('draws no line where every poll failed', () => {
    expect(drawn([failed(0), failed(5)])).toEqual({ out: 'M3 38H197', title: '2 polls in 5 min, 2 failed.' });
  });

  test('treats half a pair as no number', () => {
    expect(drawn([{ at: WALL, employees: 10, active: undefined }])).toEqual({
      out: 'M197 38H197',
      title: '1 poll, 1 failed.',
    });
  });

  test('never draws backwards when the wall clock was set back', () => {
    const { all } = drawn([read(0, 10, 5), read(20, 14, 5), read(-60, 10, 5), read(40, 14, 5)]);
    expect(all).toBe('M3 15.5H100V2.5H100V15.5H197V2.5H197');
  });

  test('adds nothing for polls that found the same', () => {
    const long = Array.from({ length: 5_000 }, (_, minute) => read(minute, 1_000, 900));
    expect(renderSparkline(long)?.text.length).toBeLessThan(500);
  });
});
