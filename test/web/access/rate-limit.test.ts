import { describe, expect, it } from 'vitest';
import { RateLimit } from '../../../src/web/access/rate-limit.ts';
import { ManualClock } from '../../support/manual-clock.ts';

describe('RateLimit', () => {
  it('lets a burst pass, then one each interval, and fills up no further than the burst', () => {
    const clock = new ManualClock();
    const limit = new RateLimit(100, 3, clock);
    const passing = (): number => Array.from({ length: 10 }, () => limit.allow()).filter(Boolean).length;
    expect(passing()).toBe(3);
    clock.advance(99);
    expect(passing()).toBe(0);
    clock.advance(1);
    expect(passing()).toBe(1);
    clock.advance(250);
    expect(passing()).toBe(2);
    clock.advance(50);
    expect(passing()).toBe(1);
    clock.advance(1_000_000);
    expect(passing()).toBe(3);
  });

  it('is not moved by a wall clock that is set', () => {
    const clock = new ManualClock();
    const limit = new RateLimit(100, 1, clock);
    expect(limit.allow()).toBe(true);
    clock.stepWallClock(-1_000_000);
    expect(limit.allow()).toBe(false);
    clock.stepWallClock(2_000_000);
    expect(limit.allow()).toBe(false);
  });
});
