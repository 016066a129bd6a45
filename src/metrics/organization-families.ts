import { REASONS } from '../dingtalk/reason.ts';
import type { OrganizationState } from '../polling/organization-state.ts';

/** One sample of an organization: labels beside `organization`, and the value. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric that has a series for each organization, and how it follows from what is known. */
export interface OrganizationFamily {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  /** Labels beside `organization`. */
  readonly labelNames: readonly string[];
  readonly samples: (state: OrganizationState) => readonly Sample[];
}

/** A series that is there only while its value is known: nothing stands in for a number that is not. */
function whereKnown(value: number | undefined): readonly Sample[] {
  return value === undefined ? [] : [{ value }];
}

function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

function pollErrors({ lastPoll }: OrganizationState): readonly Sample[] {
  const reason = lastPoll?.failure?.reason;
  return reason === undefined ? [] : [{ labels: { reason }, value: 1 }];
}

function up({ lastPoll }: OrganizationState): readonly Sample[] {
  if (lastPoll === undefined) return [];
  return [{ value: lastPoll.failure === undefined ? 1 : 0 }];
}

/** Every metric of an organization, in the order of the exposition. */
export const ORGANIZATION_FAMILIES: readonly OrganizationFamily[] = [
  {
    name: 'dingtalk_employees',
    type: 'gauge',
    help: 'People in the organization, activated or not, as reported by DingTalk.',
    labelNames: [],
    samples: (state) => whereKnown(state.headcount?.employees),
  },
  {
    name: 'dingtalk_employees_active',
    type: 'gauge',
    help: 'People who have activated DingTalk in the organization, as reported by DingTalk.',
    labelNames: [],
    samples: (state) => whereKnown(state.headcount?.active),
  },
  {
    name: 'dingtalk_up',
    type: 'gauge',
    help: 'Whether the last poll of the organization succeeded (1) or not (0).',
    labelNames: [],
    samples: up,
  },
  {
    name: 'dingtalk_poll_error',
    type: 'gauge',
    help: `1 while the last poll of the organization failed for this reason: ${REASONS.join(', ')}.`,
    labelNames: ['reason'],
    samples: pollErrors,
  },
  {
    name: 'dingtalk_poll_interval_seconds',
    type: 'gauge',
    help: 'Configured time from one poll of the organization to the next.',
    labelNames: [],
    samples: (state) => whereKnown(seconds(state.pollInterval)),
  },
  {
    name: 'dingtalk_max_staleness_seconds',
    type: 'gauge',
    help: 'Configured age at which the headcount of the organization is no longer shown.',
    labelNames: [],
    samples: (state) => whereKnown(seconds(state.maxStaleness)),
  },
  {
    name: 'dingtalk_last_poll_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time of the end of the last poll of the organization.',
    labelNames: [],
    samples: (state) => whereKnown(seconds(state.lastPoll?.endedAt)),
  },
  {
    name: 'dingtalk_last_poll_duration_seconds',
    type: 'gauge',
    help: 'Duration of the last poll of the organization, retries included.',
    labelNames: [],
    samples: (state) => whereKnown(seconds(state.lastPoll?.duration)),
  },
  {
    name: 'dingtalk_last_success_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which the headcount of the organization was last read.',
    labelNames: [],
    samples: (state) => whereKnown(seconds(state.lastSuccessAt)),
  },
  {
    name: 'dingtalk_access_token_expiry_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which the access token of the organization expires, where known.',
    labelNames: [],
    samples: (state) => whereKnown(seconds(state.tokenExpiresAt)),
  },
  {
    name: 'dingtalk_polls_total',
    type: 'counter',
    help: 'Polls of the organization that ended, well or badly.',
    labelNames: [],
    samples: (state) => [{ value: state.polls }],
  },
  {
    name: 'dingtalk_poll_failures_total',
    type: 'counter',
    help: 'Polls of the organization that failed.',
    labelNames: [],
    samples: (state) => [{ value: state.pollFailures }],
  },
];
