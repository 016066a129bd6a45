import type { HintContext, HintId } from './hints.ts';
import type { Endpoint, Reason } from './reason.ts';

/**
 * What to do after a failure, within the poll:
 * - `retry`: the call may be retried;
 * - `stop`: the poll ends;
 * - `renew_token`: the access token was refused; the call may be repeated once with a new one;
 * - `block_host`: the poll ends, and no organization calls that host for a while.
 */
export type Action = 'retry' | 'stop' | 'renew_token' | 'block_host';

/** What DingTalk said about a failure, with secrets hidden. */
export interface FailureDetails {
  readonly errorCode?: string | undefined;
  readonly subCode?: string | undefined;
  readonly errorMessage?: string | undefined;
  readonly requestId?: string | undefined;
}

/** Why a call or a poll failed. Its texts are safe to show. */
export interface Failure extends FailureDetails, HintContext {
  readonly reason: Reason;
  readonly action: Action;
  /** What was received, and from which host. */
  readonly message: string;
  /** What the operator can do: see `hintText`. */
  readonly hint: HintId;
  /** The wait that the response asked for (`Retry-After`), in milliseconds. */
  readonly retryAfter?: number | undefined;
  /** Limits the configured retries for this failure. */
  readonly maximumRetries?: number | undefined;
}

/** Every failure of a call to DingTalk is one of these. */
export class DingTalkError extends Error {
  override readonly name = 'DingTalkError';
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(failure.message, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }

  get reason(): Reason {
    return this.failure.reason;
  }
}

/**
 * The failure of one call.
 *
 * @param problem what happened instead of a response, in words that follow a colon; safe to show.
 */
export function callFailure(
  { endpoint, host }: { readonly endpoint: Endpoint; readonly host: string },
  problem: string,
  failure: Omit<Failure, 'endpoint' | 'host' | 'message'>,
  cause?: unknown,
): DingTalkError {
  return new DingTalkError(
    { ...failure, endpoint, host, message: `${endpoint} call to ${host}: ${problem}` },
    cause,
  );
}
