import type { Failure } from '../../../src/dingtalk/dingtalk-error.ts';
import type { CoursePoint, OrganizationState } from '../../../src/polling/organization-state.ts';
import type { PageView } from '../../../src/web/page/page.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The moment at which the pages of the tests are made, on both clocks. */
export const WALL = Date.UTC(2026, 0, 5, 9, 0, 0);
export const MONOTONIC = 30 * DAY;

/** An organization that is well, with the number that a poll read four minutes ago. */
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
    course: [],
    ...changes,
  };
}

export const FAILURE: Failure = {
  reason: 'permission',
  message: 'https://oapi.dingtalk.io/topapi/user/count answered errcode 88, sub-code 60011',
  endpoint: 'user_count',
  action: 'stop',
  host: 'oapi.dingtalk.io',
  hint: 'permission',
  errorCode: '88',
  subCode: '60011',
  errorMessage: '没有调用该接口的权限',
  requestId: 'a1b2c3d4',
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
  return failing(
    {
      headcount: undefined,
      lastSuccessAt: WALL - 5 * HOUR,
      failingSince: WALL - 4.5 * HOUR,
      pollFailures: 54,
      ...changes,
    },
    failure,
  );
}

/** An organization of which nothing is known yet. */
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

/**
 * A course of polls from changes: each step of `changes` is what one poll found more (or less) than the one
 * before, in everyone and in the active ones; `undefined` is a failed poll, which comes again sooner.
 */
export function course(
  employees: number,
  active: number,
  changes: readonly (readonly [number, number] | undefined)[],
  end = WALL - 4 * MINUTE,
): CoursePoint[] {
  let at = 0;
  let all = employees;
  let some = active;
  const points = changes.map((change): CoursePoint => {
    const moment = at;
    at += change === undefined ? 5 * MINUTE : 30 * MINUTE;
    if (change === undefined) return { at: moment, employees: undefined, active: undefined };
    all += change[0];
    some += change[1];
    return { at: moment, employees: all, active: some };
  });
  const last = points.at(-1)?.at ?? 0;
  return points.map((point) => ({ ...point, at: point.at - last + end }));
}

export function view(organizations: readonly OrganizationState[], changes: Partial<PageView> = {}): PageView {
  return {
    name: 'dingtalk-headcount-exporter',
    version: '0.1.0',
    revision: 'a611e0c4b2d1',
    telemetryPath: '/metrics',
    links: [
      { text: 'Health', href: '/-/healthy' },
      { text: 'Ready', href: '/-/ready' },
    ],
    organizations,
    wallTime: WALL,
    monotonicTime: MONOTONIC,
    startedAt: WALL - 2 * DAY - 4 * HOUR,
    ...changes,
  };
}

const quiet = (count: number): (readonly [number, number])[] => Array.from({ length: count }, () => [0, 0]);
const outage = (count: number): undefined[] => Array.from({ length: count }, () => undefined);

/** A believable page: two organizations well, one just added, one failing. */
export const BELIEVABLE: readonly OrganizationState[] = [
  organization({
    course: course(1_187, 1_098, [
      ...quiet(9),
      [3, 0],
      [0, 2],
      ...quiet(4),
      [0, 1],
      [4, 1],
      [2, 5],
      [0, 3],
      ...quiet(5),
      [-1, -1],
      ...quiet(3),
      [5, 2],
      [0, 9],
      [4, 6],
      ...quiet(6),
      [0, 5],
      ...quiet(3),
    ]),
  }),
  organization({
    name: '星河科技',
    headcount: { employees: 8_617, active: 7_902, readAt: MONOTONIC - 11 * MINUTE },
    lastSuccessAt: WALL - 11 * MINUTE,
    lastPoll: { endedAt: WALL - 11 * MINUTE, duration: 1_204, failure: undefined },
    course: course(
      8_702,
      7_925,
      [
        ...quiet(6),
        [-12, -10],
        ...quiet(3),
        [0, 6],
        [-31, -28],
        [-4, 3],
        ...quiet(6),
        ...outage(4),
        [-22, -14],
        [0, 4],
        ...quiet(5),
        [-18, -9],
        [6, 0],
        [0, 8],
        ...quiet(4),
        [-4, 9],
        [0, 8],
        ...quiet(3),
      ],
      WALL - 11 * MINUTE,
    ),
  }),
  failing({
    course: course(
      338,
      281,
      [
        ...quiet(12),
        [2, 0],
        [0, 2],
        ...quiet(8),
        [3, 1],
        [-1, 0],
        [0, 2],
        ...quiet(11),
        [0, 1],
        ...quiet(4),
        ...outage(5),
      ],
      WALL - 3 * MINUTE,
    ),
  }),
  organization({
    name: 'Nova Robotics',
    headcount: { employees: 46, active: 46, readAt: MONOTONIC - 18 * SECOND },
    lastSuccessAt: WALL - 18 * SECOND,
    lastPoll: { endedAt: WALL - 18 * SECOND, duration: 391, failure: undefined },
    pollInterval: 10 * MINUTE,
    polls: 1,
    pollFailures: 0,
    course: [{ at: WALL - 18 * SECOND, employees: 46, active: 46 }],
  }),
];
