import type { Failure } from '../dingtalk/dingtalk-error.ts';
import type { HistoryPoint, OrganizationState } from './organization-state.ts';
import type { PollResult } from './poll.ts';

/** Polls in the history: 30 hours of half-hourly ones. For 10,000 organizations they take 44 MB. */
export const MAXIMUM_HISTORY = 60;

/** The settings that are part of an organization's state. */
type StateSettings = Pick<OrganizationState, 'name' | 'pollInterval' | 'maxStaleness'>;

/** The end of a poll. Milliseconds. */
export interface PollEnd {
  readonly wallTime: number;
  readonly monotonicTime: number;
  readonly duration: number;
  /** Wall clock; undefined if unknown. */
  readonly tokenExpiresAt: number | undefined;
}

/** The state of an organization that was never polled. */
export function neverPolled({ name, pollInterval, maxStaleness }: StateSettings): OrganizationState {
  return {
    name,
    pollInterval,
    maxStaleness,
    headcount: undefined,
    lastSuccessAt: undefined,
    lastPoll: undefined,
    failingSince: undefined,
    polls: 0,
    pollFailures: 0,
    tokenExpiresAt: undefined,
    history: [],
  };
}

/** After a poll that succeeded. */
export function succeeded(state: OrganizationState, result: PollResult, end: PollEnd): OrganizationState {
  const { employees, active } = result;
  return {
    ...state,
    headcount: { employees, active, readAt: end.monotonicTime },
    lastSuccessAt: end.wallTime,
    lastPoll: { endedAt: end.wallTime, duration: end.duration, failure: undefined },
    failingSince: undefined,
    polls: state.polls + 1,
    tokenExpiresAt: end.tokenExpiresAt,
    history: extended(state.history, { at: end.wallTime, employees, active }),
  };
}

/** After a poll that failed: the headcount does not change. */
export function failed(state: OrganizationState, failure: Failure, end: PollEnd): OrganizationState {
  return {
    ...countedAsFailed(state, end.wallTime),
    lastPoll: { endedAt: end.wallTime, duration: end.duration, failure },
    tokenExpiresAt: end.tokenExpiresAt,
  };
}

/**
 * When the headcount is too old to be shown. If the last poll succeeded, the next one is late and counts as failed, so
 * that `dingtalk_up` is never 1 without a headcount.
 */
export function dropped(state: OrganizationState, wallTime: number): OrganizationState {
  const { lastPoll } = state;
  const withoutHeadcount = { ...state, headcount: undefined };
  if (lastPoll === undefined || lastPoll.failure !== undefined) return withoutHeadcount;
  return {
    ...countedAsFailed(withoutHeadcount, wallTime),
    lastPoll: { ...lastPoll, failure: pollsTooLate(state.maxStaleness) },
  };
}

/** After a reload: only the settings change. */
export function reconfigured(
  state: OrganizationState,
  { pollInterval, maxStaleness }: StateSettings,
): OrganizationState {
  return { ...state, pollInterval, maxStaleness };
}

function countedAsFailed(state: OrganizationState, wallTime: number): OrganizationState {
  return {
    ...state,
    failingSince: state.failingSince ?? wallTime,
    polls: state.polls + 1,
    pollFailures: state.pollFailures + 1,
    history: extended(state.history, { at: wallTime, employees: undefined, active: undefined }),
  };
}

function extended(history: readonly HistoryPoint[], point: HistoryPoint): readonly HistoryPoint[] {
  return [...history, point].slice(-MAXIMUM_HISTORY);
}

function pollsTooLate(maxStaleness: number): Failure {
  return {
    endpoint: 'user_count',
    reason: 'timeout',
    action: 'stop',
    message: `no poll ended within max_staleness (${maxStaleness / 1000} s)`,
    hint: 'polls_too_late',
  };
}
