import { REASONS } from '../dingtalk/reason.ts';
import type { OrganizationState } from '../polling/organization-state.ts';

/** A metric with at most one series for each organization. */
export interface OrganizationFamily {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  /** The value; undefined for no series. */
  readonly value: (state: OrganizationState) => number | undefined;
  /** The value of the label `reason`, if the metric has that label besides `organization`. */
  readonly reason?: (state: OrganizationState) => string | undefined;
}

const seconds = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : milliseconds / 1000;

/** The metrics of an organization, in the order of the exposition. */
export const ORGANIZATION_FAMILIES: readonly OrganizationFamily[] = [
  {
    name: 'dingtalk_employees',
    type: 'gauge',
    help: 'People in the organization, activated or not, as reported by DingTalk.',
    value: ({ headcount }) => headcount?.employees,
  },
  {
    name: 'dingtalk_employees_active',
    type: 'gauge',
    help: 'People who have activated DingTalk in the organization, as reported by DingTalk.',
    value: ({ headcount }) => headcount?.active,
  },
  {
    name: 'dingtalk_up',
    type: 'gauge',
    help: 'Whether the last poll of the organization succeeded (1) or not (0).',
    value: ({ lastPoll }) => lastPoll && (lastPoll.failure === undefined ? 1 : 0),
  },
  {
    name: 'dingtalk_poll_error',
    type: 'gauge',
    help: `1 while the last poll of the organization failed for this reason: ${REASONS.join(', ')}.`,
    value: ({ lastPoll }) => lastPoll?.failure && 1,
    reason: ({ lastPoll }) => lastPoll?.failure?.reason,
  },
  {
    name: 'dingtalk_poll_interval_seconds',
    type: 'gauge',
    help: 'Configured time from one poll of the organization to the next.',
    value: ({ pollInterval }) => seconds(pollInterval),
  },
  {
    name: 'dingtalk_max_staleness_seconds',
    type: 'gauge',
    help: 'Configured age at which the headcount of the organization is no longer shown.',
    value: ({ maxStaleness }) => seconds(maxStaleness),
  },
  {
    name: 'dingtalk_last_poll_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time of the end of the last poll of the organization.',
    value: ({ lastPoll }) => seconds(lastPoll?.endedAt),
  },
  {
    name: 'dingtalk_last_poll_duration_seconds',
    type: 'gauge',
    help: 'Duration of the last poll of the organization, retries included.',
    value: ({ lastPoll }) => seconds(lastPoll?.duration),
  },
  {
    name: 'dingtalk_last_success_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which the headcount of the organization was last read.',
    value: ({ lastSuccessAt }) => seconds(lastSuccessAt),
  },
  {
    name: 'dingtalk_access_token_expiry_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which the access token of the organization expires, if known.',
    value: ({ tokenExpiresAt }) => seconds(tokenExpiresAt),
  },
  {
    name: 'dingtalk_polls_total',
    type: 'counter',
    help: 'Polls of the organization that ended.',
    value: ({ polls }) => polls,
  },
  {
    name: 'dingtalk_poll_failures_total',
    type: 'counter',
    help: 'Polls of the organization that failed.',
    value: ({ pollFailures }) => pollFailures,
  },
];
