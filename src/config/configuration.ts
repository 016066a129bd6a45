import type { Credentials, Endpoints } from '../dingtalk/credentials.ts';

/** One organization, with every default filled in. Durations are milliseconds. */
export interface OrganizationConfiguration {
  readonly name: string;
  readonly endpoints: Endpoints;
  readonly credentials: Credentials;
  readonly pollInterval: number;
  /** The wait after a failed poll; never longer than `pollInterval`. */
  readonly failureInterval: number;
  /** The age at which the last good headcount is dropped. */
  readonly maxStaleness: number;
}

/** What polls have in common. Durations are milliseconds. */
export interface PollConfiguration {
  /** One deadline over a whole poll: token, both counts, retries. */
  readonly timeout: number;
  /** The deadline of one call. */
  readonly requestTimeout: number;
  /** How often one call may be tried again. */
  readonly retries: number;
  /** Calls to DingTalk in any one second, all organizations together. */
  readonly rateLimit: number;
  /** Calls in flight at once. */
  readonly concurrency: number;
}

/** A configuration that was validated whole. */
export interface Configuration {
  readonly poll: PollConfiguration;
  readonly organizations: readonly OrganizationConfiguration[];
}
