import type { Failure } from '../dingtalk/dingtalk-error.ts';

/** Both counts of one successful poll, as reported by DingTalk. */
export interface Headcount {
  /** Everyone, including people who have not activated DingTalk. */
  readonly employees: number;
  /** People who have activated DingTalk. Never more than `employees`. */
  readonly active: number;
  /** When the pair was read (monotonic, ms). */
  readonly readAt: number;
}

/** The last poll that ended. */
export interface LastPoll {
  /** Wall clock, ms. */
  readonly endedAt: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Undefined after a success. */
  readonly failure: Failure | undefined;
}

/** The end of one poll. Both counts are undefined if it failed. */
export interface HistoryPoint {
  /** Wall clock, ms. */
  readonly at: number;
  readonly employees: number | undefined;
  readonly active: number | undefined;
}

/** What is known of one organization: an immutable value, replaced when something changes. */
export interface OrganizationState {
  /** The value of the label `organization`. */
  readonly name: string;
  /** Milliseconds. */
  readonly pollInterval: number;
  readonly maxStaleness: number;
  /** Undefined before the first success, and if the last one is older than `maxStaleness`. */
  readonly headcount: Headcount | undefined;
  /** Wall clock (ms) of the last successful poll; stays when the headcount is dropped. */
  readonly lastSuccessAt: number | undefined;
  /** Undefined before the first poll has ended. */
  readonly lastPoll: LastPoll | undefined;
  /** Wall clock (ms) of the first failure since the last success. */
  readonly failingSince: number | undefined;
  readonly polls: number;
  readonly pollFailures: number;
  /** Wall clock (ms) at which the access token expires, if known. */
  readonly tokenExpiresAt: number | undefined;
  /** The last polls, oldest first; bounded. */
  readonly history: readonly HistoryPoint[];
}
