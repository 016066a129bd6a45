import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, expect, it } from 'vitest';
import { pollOffset } from '../../src/polling/schedule.ts';
import { MAXIMUM_HISTORY } from '../../src/polling/transitions.ts';
import { clientIdOf, InProcessWorld } from '../support/in-process.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const DAYS = 365;
const TOKEN_KEPT = 6900 * SECOND;
/** How many organizations are polled how often. */
const FLEET: readonly (readonly [organizations: number, interval: number])[] = [
  [1, 2 * HOUR],
  [2, 6 * HOUR],
  [3, 12 * HOUR],
  [6, DAY],
];
const ORGANIZATIONS = 12;

/** A leak of 100 bytes a poll is more, such as a listener that is not removed. */
const ALLOWED_GROWTH = 1024 * 1024;

beforeEach(() => {
  // As in the program: with the hundred frames of vitest, an error takes longer than a poll.
  Error.stackTraceLimit = 10;
});

/** Bytes that are in use after garbage collection. */
function usedMemory(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  return process.memoryUsage().heapUsed;
}

/** Monotonic times of the polls of an organization after its first poll at 0. */
function expectedPolls(name: string, interval: number, startedAt: number, end: number): number[] {
  const place = pollOffset(name, interval);
  let next = (((place - startedAt) % interval) + interval) % interval;
  if (next < interval / 20) next += interval;
  const moments: number[] = [];
  for (; next <= end; next += interval) moments.push(next);
  return moments;
}

/** The number of tokens for these polls, the first one at 0. */
function expectedTokens(polls: readonly number[]): number {
  let tokens = 1;
  let fetchedAt = 0;
  for (const moment of polls) {
    if (moment - fetchedAt < TOKEN_KEPT) continue;
    tokens += 1;
    fetchedAt = moment;
  }
  return tokens;
}

it('polls 12 organizations for a year at their offsets, without a leak', {
  timeout: 600_000,
}, async () => {
  let lastArrival = Number.NEGATIVE_INFINITY;
  let nearTheHour = 0;
  const began = new Map<string, number[]>();
  const world = new InProcessWorld({
    onArrival: ({ onlyActive, organization }) => {
      const now = world.clock.monotonicTime();
      lastArrival = now;
      const intoTheHour = world.clock.wallTime() % HOUR;
      if (now > MINUTE && (intoTheHour < 2 * MINUTE || intoTheHour > 58 * MINUTE)) nearTheHour += 1;
      if (onlyActive === false) began.get(organization?.clientId ?? '')?.push(now);
    },
  });
  const intervals = FLEET.flatMap(([organizations, interval]) => Array<number>(organizations).fill(interval));
  const names = intervals.map((_, index) => `organization ${index}`);
  expect(names).toHaveLength(ORGANIZATIONS);
  const apps = names.map((name, index) => world.addApp(name, 1000 + index, 900 + index));
  for (const { clientId } of apps) began.set(clientId, []);
  const startedAt = world.clock.wallTime();
  const organizations = intervals.map((pollInterval, index) =>
    world.organization(`organization ${index}`, { pollInterval, maxStaleness: 3 * pollInterval + MINUTE }),
  );
  await world.start(world.configure(organizations));

  const year = DAYS * DAY;
  let memoryAfterAMonth = 0;
  for (let day = 1; day <= DAYS; day += 1) {
    // To a minute before the hour, when no poll is in progress.
    await world.advance(day === 1 ? DAY - MINUTE : DAY);
    expect(world.clock.monotonicTime() - lastArrival).toBeGreaterThan(2 * SECOND);
    // For each organization, one for the next poll and one that drops its headcount.
    expect(world.clock.pendingTimers).toBe(2 * ORGANIZATIONS);
    expect(world.exporter.healthy()).toBe(true);
    for (const state of world.exporter.organizations()) {
      expect(state.history.length).toBeLessThanOrEqual(MAXIMUM_HISTORY);
      expect(state.headcount).toBeDefined();
    }
    // A scrape does not call DingTalk.
    const calls = world.dingtalk.arrived('user_count');
    await world.exporter.exposition();
    expect(world.dingtalk.arrived('user_count')).toBe(calls);
    for (const app of apps) app.employees += 1;
    if (day === 30) memoryAfterAMonth = usedMemory();
  }
  const polls = intervals.map((interval, index) =>
    expectedPolls(`organization ${index}`, interval, startedAt, year - MINUTE),
  );

  // Once an interval, at the offset; the queue delays a poll by less than a second.
  let late = 0;
  for (const [index, name] of names.entries()) {
    const [first, ...later] = began.get(clientIdOf(name)) ?? [];
    expect(first).toBeLessThan(10 * SECOND);
    expect(later).toHaveLength(polls[index]?.length ?? 0);
    for (const [nth, moment] of later.entries())
      late = Math.max(late, Math.abs(moment - (polls[index]?.[nth] ?? 0)));
  }
  expect(late).toBeLessThan(SECOND);
  expect(nearTheHour).toBe(0);
  expect(world.dingtalk.busiestSecond).toBeLessThanOrEqual(20);

  // Two calls a poll, a token only if the last one expires, and all of them are counted.
  const allPolls = polls.reduce((sum, { length }) => sum + length + 1, 0);
  const allTokens = polls.reduce((sum, moments) => sum + expectedTokens(moments), 0);
  expect(allTokens).toBeLessThanOrEqual(ORGANIZATIONS * Math.ceil(year / TOKEN_KEPT));
  expect(world.dingtalk.arrived('user_count')).toBe(2 * allPolls);
  expect(world.dingtalk.arrived('token')).toBe(allTokens);
  expect(await world.sample('dingtalk_api_requests_total{endpoint="user_count"}')).toBe(2 * allPolls);
  expect(await world.sample('dingtalk_api_requests_total{endpoint="token"}')).toBe(allTokens);
  for (const [index, name] of names.entries()) {
    expect(await world.sample(`dingtalk_polls_total{organization="${name}"}`)).toBe(
      (polls[index]?.length ?? 0) + 1,
    );
    expect(await world.sample(`dingtalk_poll_failures_total{organization="${name}"}`)).toBe(0);
    expect(world.stateOf(name).headcount).toMatchObject({
      employees: 1000 + index + DAYS - 1,
      active: 900 + index,
    });
  }
  expect(world.warnings.lines).toEqual([]);

  began.clear();
  polls.length = 0;
  expect(usedMemory() - memoryAfterAMonth).toBeLessThan(ALLOWED_GROWTH);
  world.exporter.close();
  expect(world.clock.pendingTimers).toBe(0);
});
