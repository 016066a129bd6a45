import type { Failure } from '../../../src/dingtalk/dingtalk-error.ts';
import type { OrganizationState } from '../../../src/polling/organization-state.ts';
import { type PageRequest, type PageView, renderPage } from '../../../src/web/page/page.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The time at which the pages are rendered, on both clocks. */
export const WALL = Date.UTC(2026, 0, 5, 9, 0, 0);
export const MONOTONIC = 30 * DAY;

/** An organization whose last poll, four minutes ago, succeeded. */
export function organization(changes: Partial<OrganizationState> = {}): OrganizationState {
  return {
    name: 'Acme Ltd',
    pollInterval: 30 * MINUTE,
    maxStaleness: 91 * MINUTE,
    headcount: { employees: 1_204, active: 1_131, readAt: MONOTONIC - 4 * MINUTE },
    lastSuccessAt: WALL - 4 * MINUTE,
    lastPoll: { endedAt: WALL - 4 * MINUTE, duration: 812, failure: undefined },
    failingSince: undefined,
    polls: 120,
    pollFailures: 2,
    tokenExpiresAt: WALL + HOUR,
    history: [],
    ...changes,
  };
}

export const FAILURE: Failure = {
  reason: 'permission',
  message: 'user_count call to oapi.dingtalk.com: HTTP 200, code 88, sub-code 60011, 没有调用该接口的权限',
  endpoint: 'user_count',
  action: 'stop',
  host: 'oapi.dingtalk.com',
  hint: 'permission',
  errorCode: '88',
  subCode: '60011',
  errorMessage: '没有调用该接口的权限',
  requestId: '15r8yv3m2ihd1',
};

/** An organization whose polls have failed for 23 minutes, and whose number of 26 minutes ago is still shown. */
export function failing(
  changes: Partial<OrganizationState> = {},
  failure: Partial<Failure> = {},
): OrganizationState {
  return organization({
    name: 'Harbor & Sons',
    headcount: { employees: 342, active: 287, readAt: MONOTONIC - 26 * MINUTE },
    lastSuccessAt: WALL - 26 * MINUTE,
    lastPoll: { endedAt: WALL - 3 * MINUTE, duration: 640, failure: { ...FAILURE, ...failure } },
    failingSince: WALL - 23 * MINUTE,
    pollFailures: 5,
    ...changes,
  });
}

/** An organization whose polls have failed for so long that its number was dropped. */
export function dropped(
  changes: Partial<OrganizationState> = {},
  failure: Partial<Failure> = {},
): OrganizationState {
  const lastSuccessAt = WALL - 5 * HOUR;
  return failing(
    { headcount: undefined, lastSuccessAt, failingSince: WALL - 4.5 * HOUR, pollFailures: 54, ...changes },
    failure,
  );
}

/** A failure to reach DingTalk, which many organizations share. */
export const UNREACHABLE: Partial<Failure> = {
  reason: 'network',
  hint: 'name_unknown',
  message: 'user_count call to oapi.dingtalk.com: no response (ENOTFOUND)',
  errorCode: undefined,
  subCode: undefined,
  errorMessage: undefined,
  requestId: undefined,
};

/** An organization before its first poll. */
export function waiting(changes: Partial<OrganizationState> = {}): OrganizationState {
  return organization({
    name: 'Nova Robotics',
    headcount: undefined,
    lastSuccessAt: undefined,
    lastPoll: undefined,
    polls: 0,
    pollFailures: 0,
    tokenExpiresAt: undefined,
    ...changes,
  });
}

type Counts = readonly [employees: number, active: number];

/** A history of polls, half an hour apart and the last one four minutes ago; undefined is one that failed. */
export function history(polls: readonly (Counts | undefined)[]): Pick<OrganizationState, 'history'> {
  const last = WALL - 4 * MINUTE;
  return {
    history: polls.map((counts, index) => ({
      at: last - (polls.length - 1 - index) * 30 * MINUTE,
      employees: counts?.[0],
      active: counts?.[1],
    })),
  };
}

/** Two days of polls with reproducible changes, ending at the given counts. */
export function growth([employees, active]: Counts, seed: number, failed: readonly number[] = []) {
  const noise = (index: number): number => Math.abs(Math.sin(index * 12.9898 + seed) * 43_758.5453) % 1;
  const step = (index: number): number =>
    noise(index) < 0.25 ? Math.round((noise(index + 0.5) - 0.35) * 9) : 0;
  const polls: (Counts | undefined)[] = [];
  let [all, some] = [employees, active];
  for (let index = 95; index >= 0; index -= 1) {
    if (failed.includes(index)) {
      polls.unshift(undefined);
      continue;
    }
    polls.unshift([all, some]);
    all -= step(index);
    some -= step(index + 0.25);
  }
  return history(polls);
}

/** The page of a browser that prefers English, without a query. */
export function pageOf(
  organizations: readonly OrganizationState[],
  request: Partial<PageRequest> = {},
  changes: Partial<PageView> = {},
): string {
  const view: PageView = {
    name: 'dingtalk-headcount-exporter',
    version: '0.1.0',
    revision: 'a611e0c',
    demo: false,
    telemetryPath: '/metrics',
    organizations,
    wallTime: WALL,
    monotonicTime: MONOTONIC,
    startedAt: WALL - 2 * DAY - 4 * HOUR,
    ...changes,
  };
  const plain = { acceptLanguage: 'en-US,en;q=0.5', language: undefined, filter: undefined };
  return renderPage(view, { ...plain, ...request });
}

/** A realistic state: two healthy organizations, one just added, and one that fails. */
export const REALISTIC: readonly OrganizationState[] = [
  organization(growth([1_204, 1_131], 3)),
  organization({
    name: '星河科技',
    headcount: { employees: 8_617, active: 7_902, readAt: MONOTONIC - 11 * MINUTE },
    lastSuccessAt: WALL - 11 * MINUTE,
    ...growth([8_617, 7_902], 11, [60, 61, 62]),
  }),
  failing({ ...growth([342, 287], 7, [92, 93, 94, 95]) }),
  organization({
    name: 'Nova Robotics',
    headcount: { employees: 46, active: 46, readAt: MONOTONIC - 18 * SECOND },
    lastSuccessAt: WALL - 18 * SECOND,
    pollInterval: 10 * MINUTE,
    polls: 1,
    pollFailures: 0,
    ...history([[46, 46]]),
  }),
];
