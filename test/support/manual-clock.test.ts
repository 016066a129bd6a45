import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from './manual-clock.ts';

describe('ManualClock', () => {
  it('fires every timer that was not cancelled, by its moment and then by its age', () => {
    const delays = fc.array(fc.record({ delay: fc.nat(20), cancelled: fc.boolean() }), { maxLength: 60 });
    fc.assert(
      fc.property(delays, (timers) => {
        const clock = new ManualClock();
        const fired: number[] = [];
        const set = timers.map(({ delay }, index) =>
          clock.setTimer(() => {
            expect(clock.monotonicTime()).toBe(delay);
            fired.push(index);
          }, delay),
        );
        for (const [index, { cancelled }] of timers.entries()) if (cancelled) set[index]?.cancel();
        const expected = Array.from(timers.entries())
          .filter(([, { cancelled }]) => !cancelled)
          .sort(([one, { delay: earlier }], [other, { delay: later }]) => earlier - later || one - other)
          .map(([index]) => index);
        expect(clock.pendingTimers).toBe(expected.length);
        clock.advance(30);
        expect(fired).toEqual(expected);
        expect(clock.pendingTimers).toBe(0);
      }),
    );
  });

  it('sets the wall clock apart from the monotonic one', () => {
    const clock = new ManualClock(1000);
    clock.stepWallClock(-400);
    clock.advance(50);
    expect([clock.wallTime(), clock.monotonicTime()]).toEqual([650, 50]);
  });
});
