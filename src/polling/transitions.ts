import type { Failure } from '../dingtalk/dingtalk-error.ts';
import type { HistoryPoint, OrganizationState } from './organization-state.ts';
import type { PollResult } from './poll.ts';

/** How many polls the history holds: 30 hours of half-hourly ones. With 10,000 organizations they take 44 MB. */
export const MAXIMUM_HISTORY = 60;

/** The settings that are part of an organization's state. Milliseconds. */
export interface StateSettings {
  readonly name: string;
  readonly pollInterval: number;
  readonly maxStaleness: number;
}

/** The end of a poll: wall clock and monotonic clock, how long it took, and when the token expires. Milliseconds. */
export interface PollEnd {
  readonly wallTime: number;
  readonly monotonicTime: number;
  readonly duration: number;
  /** Wall clock; undefined where there is no token or its expiry is not known. */
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

/** After a poll that succeeded: both numbers, together. */
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

/** After a poll that failed: no count is changed. */
export function failed(state: OrganizationState, failure: Failure, end: PollEnd): OrganizationState {
  return {
    ...countedAsFailed(state, end.wallTime),
    lastPoll: { endedAt: end.wallTime, duration: end.duration, failure },
    tokenExpiresAt: end.tokenExpiresAt,
  };
}

/**
 * Once the headcount is too old to be shown. Where the last poll succeeded, the next one should have ended since:
 * it counts as failed, so that a number is never gone while the last poll is said to have succeeded.
 */
export function dropped(state: OrganizationState, wallTime: number): OrganizationState {
  const { lastPoll } = state;
  const withoutHeadcount = { ...state, headcount: undefined };
  if (lastPoll === undefined || lastPoll.failure !== undefined) return withoutHeadcount;
  return {
    ...countedAsFailed(withoutHeadcount, wallTime),
    // When a poll last ended, and how long it took, is still true.
    lastPoll: { ...lastPoll, failure: pollsTooLate(state.maxStaleness) },
  };
}

/** After a reload that changed the settings: number and history stay. */
export function resettled(
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
    message: `poll: none has ended within max_staleness (${maxStaleness / 1000} s)`,
    hint: 'polls_too_late',
  };
}
