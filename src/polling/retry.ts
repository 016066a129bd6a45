import pRetry from 'p-retry';
import { DingTalkError, type Failure } from '../dingtalk/dingtalk-error.ts';
import type { Endpoint } from '../dingtalk/reason.ts';
import type { PollRun } from './poll-run.ts';

/** A number from 0 (included) to 1 (not included). */
export type Random = () => number;

export interface RetryOptions {
  readonly run: PollRun;
  /** Retries of one call. */
  readonly retries: number;
  readonly random: Random;
  /** Called before each retry. */
  readonly onRetry: (endpoint: Endpoint) => void;
}

/** Milliseconds. */
const FIRST_BACKOFF = 500;
const FIRST_THROTTLED_BACKOFF = 2000;
const MAXIMUM_BACKOFF = 10_000;
const MAXIMUM_THROTTLED_BACKOFF = 30_000;
/** DingTalk's rate limits are by the second. */
const MINIMUM_THROTTLED_BACKOFF = 1000;

/**
 * The wait before a retry, in milliseconds: exponential with full jitter, longer for a throttled call, and never
 * shorter than `Retry-After`.
 *
 * @param attempt 1 after the first failure.
 */
export function backoff(failure: Failure, attempt: number, random: Random): number {
  const throttled = failure.reason === 'throttled';
  const first = throttled ? FIRST_THROTTLED_BACKOFF : FIRST_BACKOFF;
  const maximum = throttled ? MAXIMUM_THROTTLED_BACKOFF : MAXIMUM_BACKOFF;
  const jittered = random() * Math.min(maximum, first * 2 ** (attempt - 1));
  return Math.max(jittered, throttled ? MINIMUM_THROTTLED_BACKOFF : 0, failure.retryAfter ?? 0);
}

/**
 * Makes one call. Transient failures are retried with backoff while the wait ends before the poll's deadline.
 *
 * @throws DingTalkError of the last attempt, or the poll's reason for ending early.
 */
export function retrying<T>(
  call: () => Promise<T>,
  { run, retries, random, onRetry }: RetryOptions,
): Promise<T> {
  const attempt = async (): Promise<T> => {
    const result = await call();
    run.succeeded();
    return result;
  };
  return pRetry(attempt, {
    retries,
    minTimeout: 0,
    maxTimeout: 0,
    async onFailedAttempt({ error, attemptNumber, retriesLeft }) {
      run.failed(error);
      if (!(error instanceof DingTalkError) || error.failure.action !== 'retry' || retriesLeft <= 0)
        throw error;
      const { failure } = error;
      if (attemptNumber > (failure.maximumRetries ?? retries)) throw error;
      const wait = backoff(failure, attemptNumber, random);
      // The poll would time out during the wait: it fails now, with the reason of this failure.
      if (wait >= run.remaining) throw error;
      await run.pause(wait);
      onRetry(failure.endpoint);
    },
  });
}
