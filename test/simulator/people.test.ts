import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from './client.ts';
import { Course } from './people.ts';

test('never has more active people than people, or too few, whatever chance brings', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 20_000 }),
      fc.double({ min: 0.65, max: 0.97, noNaN: true }),
      fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
        minLength: 1,
        maxLength: 60,
      }),
      (employees, activation, chances) => {
        const headcount = { employees, active: Math.floor(employees * activation) };
        let drawn = 0;
        const course = new Course(headcount, () => chances[drawn++ % chances.length] ?? 0);
        const broken: string[] = [];
        for (let step = 0; step < 200; step += 1) {
          course.step();
          const { employees: all, active } = headcount;
          const fits = active <= 0.97 * all && active >= 0.6 * all;
          if (!(fits && Number.isSafeInteger(all) && Number.isSafeInteger(active))) {
            broken.push(`${step}: ${active} of ${all}`);
          }
        }
        expect(broken).toEqual([]);
      },
    ),
  );
});

describe.each([86, 1240, 14_300])('an organization of %i', (usual) => {
  test('stays near its size through many thousands of steps, and never leaps', () => {
    const headcount = { employees: usual, active: Math.floor(usual * 0.9) };
    const course = new Course(headcount, seededRandom(7));
    const sizes: number[] = [];
    const moves: number[] = [];
    const activations: number[] = [];
    for (let step = 0; step < 50_000; step += 1) {
      const before = { ...headcount };
      course.step();
      sizes.push(headcount.employees);
      moves.push(headcount.employees - before.employees);
      activations.push(headcount.active - before.active);
    }
    expect(Math.min(...sizes)).toBeGreaterThan(usual * 0.9);
    expect(Math.max(...sizes)).toBeLessThan(usual * 1.1);
    expect(Math.max(...moves.map(Math.abs))).toBeLessThanOrEqual(Math.max(2, usual * 0.01));
    expect(moves.filter((move) => move > 0).length).toBeGreaterThan(2500);
    expect(moves.filter((move) => move < 0).length).toBeGreaterThan(2500);
    expect(activations.filter((more) => more > 0).length).toBeGreaterThan(2500);
  });
});
