import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extended, LONGEST_COURSE } from '../../src/polling/course.ts';
import type { CoursePoint, RecentCourse } from '../../src/polling/organization-state.ts';

const count = fc.maxSafeNat();
const at = fc.double({ min: 0, max: 8.64e15, noNaN: true });
const point: fc.Arbitrary<CoursePoint> = fc.oneof(
  fc.record({ at, employees: count, active: count }),
  fc.record({ at, employees: fc.constant(undefined), active: fc.constant(undefined) }),
);

describe('the recent course', () => {
  it('holds the last points as they were, oldest first, and no more than it may', () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 2 * LONGEST_COURSE }), (points) => {
        const course = points.reduce<RecentCourse>(extended, []);
        expect([...course]).toEqual(points.slice(-LONGEST_COURSE));
        expect(course).toHaveLength(Math.min(points.length, LONGEST_COURSE));
      }),
    );
  });

  it('leaves the course before as it was', () => {
    const before = extended([], { at: 1, employees: 3, active: 2 });
    extended(before, { at: 2, employees: undefined, active: undefined });
    expect([...before]).toEqual([{ at: 1, employees: 3, active: 2 }]);
  });
});
