import type { DingTalkError } from '../dingtalk/dingtalk-error.ts';
import { extended } from './course.ts';
import type { OrganizationState } from './organization-state.ts';
import type { PollResult } from './poll.ts';

/** The settings of an organization that are part of what is known of it. Milliseconds. */
export interface KnownSettings {
  readonly name: string;
  readonly pollInterval: number;
  readonly maxStaleness: number;
}

/** The end of a poll: wall clock and monotonic clock, how long it took, and when the token expires. Milliseconds. */
export interface PollEnd {
  readonly wallTime: number;
  readonly monotonicTime: number;
  readonly duration: number;
  /** Wall clock; undefined where there is no token or nobody knows. */
  readonly tokenExpiresAt: number | undefined;
}

/** What is known of an organization that was never polled. */
export function neverPolled({ name, pollInterval, maxStaleness }: KnownSettings): OrganizationState {
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
    course: [],
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
    course: extended(state.course, { at: end.wallTime, employees, active }),
  };
}

/** After a poll that failed: no count is changed. */
export function failed(state: OrganizationState, error: DingTalkError, end: PollEnd): OrganizationState {
  return {
    ...state,
    lastPoll: { endedAt: end.wallTime, duration: end.duration, failure: error.failure },
    failingSince: state.failingSince ?? end.wallTime,
    polls: state.polls + 1,
    pollFailures: state.pollFailures + 1,
    tokenExpiresAt: end.tokenExpiresAt,
    course: extended(state.course, { at: end.wallTime, employees: undefined, active: undefined }),
  };
}

/** Once the headcount is too old to be believed. */
export function dropped(state: OrganizationState): OrganizationState {
  return { ...state, headcount: undefined };
}

/** After a reload that changed the settings: number and course stay. */
export function resettled(
  state: OrganizationState,
  { pollInterval, maxStaleness }: KnownSettings,
): OrganizationState {
  return { ...state, pollInterval, maxStaleness };
}
