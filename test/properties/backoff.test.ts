import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import './seed.ts';
import type { Failure } from '../../src/dingtalk/dingtalk-error.ts';
import { REASONS } from '../../src/dingtalk/reason.ts';
import { backoff } from '../../src/polling/retry.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const failure = fc
  .record({
    reason: fc.constantFrom(...REASONS),
    retryAfter: fc.option(fc.integer({ min: 0, max: 600_000 }), { nil: undefined }),
  })
  .map((parts): Failure => ({ endpoint: 'token', action: 'retry', message: '', hint: 'wait', ...parts }));

describe('the wait before a call is made again', () => {
  it('is at least what was asked for, and at most that or the bound of its attempt', () => {
    fc.assert(
      fc.property(failure, fc.integer({ min: 1, max: 100 }), random, (failure, attempt, drawn) => {
        const wait = backoff(failure, attempt, () => drawn);
        const throttled = failure.reason === 'throttled';
        const asked = Math.max(throttled ? 1000 : 0, failure.retryAfter ?? 0);
        const bound = throttled
          ? Math.min(30_000, 2000 * 2 ** (attempt - 1))
          : Math.min(10_000, 500 * 2 ** (attempt - 1));
        expect(wait).toBeGreaterThanOrEqual(asked);
        expect(wait).toBeLessThanOrEqual(Math.max(asked, bound));
        // Full jitter: the random number alone decides, from nothing to the bound.
        expect(wait).toBe(Math.max(asked, drawn * bound));
      }),
    );
  });
});
