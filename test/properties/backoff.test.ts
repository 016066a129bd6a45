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

describe('the wait before a retry', () => {
  it('has full jitter up to the bound of its attempt, and is at least Retry-After', () => {
    fc.assert(
      fc.property(failure, fc.integer({ min: 1, max: 100 }), random, (failure, attempt, drawn) => {
        const throttled = failure.reason === 'throttled';
        const asked = Math.max(throttled ? 1000 : 0, failure.retryAfter ?? 0);
        const bound = throttled
          ? Math.min(30_000, 2000 * 2 ** (attempt - 1))
          : Math.min(10_000, 500 * 2 ** (attempt - 1));
        expect(backoff(failure, attempt, () => drawn)).toBe(Math.max(asked, drawn * bound));
      }),
    );
  });
});
