import type { Endpoint, Reason } from './reason.ts';

/**
 * What to do after a failure, within the poll:
 * - `retry`: the call may be tried again;
 * - `stop`: the poll ends;
 * - `renew_token`: the access token was refused; with a new one the call may be repeated once;
 * - `block_host`: the poll ends, and nobody calls that host for a while.
 */
export type Remedy = 'retry' | 'stop' | 'renew_token' | 'block_host';

/** DingTalk's own words about a failure, as far as the answer had them; no secret is in any of them. */
export interface FailureDetails {
  readonly errorCode?: string | undefined;
  readonly subCode?: string | undefined;
  readonly errorMessage?: string | undefined;
  readonly requestId?: string | undefined;
}

/** How a call ended that gave no token and no count. */
export interface Verdict extends FailureDetails {
  readonly endpoint: Endpoint;
  readonly reason: Reason;
  readonly remedy: Remedy;
  /** What was received, and from where. */
  readonly message: string;
  /** What the operator can do. */
  readonly cure: string;
  /** The shortest wait before a retry, in milliseconds. */
  readonly minimumDelay?: number | undefined;
  /** The wait that the answer asked for (`Retry-After`), in milliseconds. */
  readonly retryAfter?: number | undefined;
  /** The most retries that make sense for this failure, whatever is configured. */
  readonly maximumRetries?: number | undefined;
  readonly cause?: unknown;
}

/** Every failure leaves this room as one of these. Its texts are safe to show. */
export class DingTalkError extends Error {
  override readonly name = 'DingTalkError';
  readonly verdict: Verdict;

  constructor(verdict: Verdict) {
    super(verdict.message, verdict.cause === undefined ? undefined : { cause: verdict.cause });
    this.verdict = verdict;
  }

  get reason(): Reason {
    return this.verdict.reason;
  }
}
