import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pollOffset } from '../../src/polling/schedule.ts';
import { clientIdOf, InProcessWorld } from '../support/in-process.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const INTERVAL = 30 * MINUTE;
const ORGANIZATIONS = 2000;
const RATE_LIMIT = 4;
/** Milliseconds to DingTalk and back. */
const LATENCY = [40, 40] as const;

/** After all first polls, and the polls that were delayed by them. */
const SETTLED = 55 * MINUTE;
/** Shortly before a half hour, when no poll is in progress, and before a token is renewed. */
const END = 89 * MINUTE;

// The load of 10,000 organizations at the default rate limit of 20, in a fifth of the time.
describe('2,000 organizations at a rate limit of 4', () => {
  /** When each organization's polls began at DingTalk, by its client id. */
  const begun = new Map<string, number[]>();
  const world = new InProcessWorld({
    poll: { rateLimit: RATE_LIMIT },
    latency: () => LATENCY,
    onArrival: ({ onlyActive, organization }) => {
      if (onlyActive === false) begun.get(organization?.clientId ?? '')?.push(world.clock.monotonicTime());
    },
  });
  const names = Array.from({ length: ORGANIZATIONS }, (_, index) => `organization ${index}`);
  const startedAt = world.clock.wallTime();
  const pollsOf = (name: string): readonly number[] => begun.get(clientIdOf(name)) ?? [];

  beforeAll(async () => {
    // As in the program: with the hundred frames of vitest, an error takes longer than a poll.
    Error.stackTraceLimit = 10;
    for (const name of names) begun.set(world.addApp(name, 100, 90).clientId, []);
    await world.start(world.configure(names.map((name) => world.organization(name))));
    await world.advance(END);
  }, 600_000);
  afterAll(() => world.exporter.close());

  it('make as many calls as the limit in any second, and no more', () => {
    expect(world.dingtalk.busiestSecond).toBe(RATE_LIMIT);
  });

  it('are polled for the first time as fast as the limit allows', () => {
    const last = Math.max(...names.map((name) => pollsOf(name)[0] ?? Number.POSITIVE_INFINITY));
    // Three calls each, paced a tenth below the limit.
    expect(last).toBeLessThanOrEqual((3 * ORGANIZATIONS * 1.1 * SECOND) / RATE_LIMIT);
  });

  it('are polled again within 1.25 intervals, from the first poll on', () => {
    let longest = 0;
    for (const name of names) {
      const polls = [...pollsOf(name), world.clock.monotonicTime()];
      for (const [index, moment] of polls.entries())
        longest = Math.max(longest, moment - (polls[index - 1] ?? moment));
    }
    expect(longest).toBeLessThanOrEqual(1.25 * INTERVAL);
  });

  it('are polled at their offsets, with a delay of at most a tenth of the interval', () => {
    let latest = 0;
    for (const name of names) {
      const place = pollOffset(name, INTERVAL);
      for (const moment of pollsOf(name)) {
        if (moment >= SETTLED) latest = Math.max(latest, (startedAt + moment - place) % INTERVAL);
      }
    }
    expect(latest).toBeLessThanOrEqual(0.1 * INTERVAL);
  });

  it('are distributed evenly over the interval, except two minutes at its start and end', () => {
    const minutes = Array<number>(INTERVAL / MINUTE).fill(0);
    for (const name of names) {
      for (const moment of pollsOf(name)) {
        if (moment < SETTLED || moment >= SETTLED + INTERVAL) continue;
        const minute = Math.floor(((startedAt + moment) % INTERVAL) / MINUTE);
        minutes[minute] = (minutes[minute] ?? 0) + 1;
      }
    }
    const free = minutes.slice(2, -2);
    const mean = ORGANIZATIONS / free.length;
    expect(minutes.reduce((sum, polls) => sum + polls, 0)).toBe(ORGANIZATIONS);
    expect([...minutes.slice(0, 1), ...minutes.slice(-2)]).toEqual([0, 0, 0]);
    // Three standard deviations.
    for (const polls of free) expect(Math.abs(polls - mean)).toBeLessThan(3 * Math.sqrt(mean));
  });

  it('need two calls a poll, one token each, and no call for a scrape', async () => {
    const polls = names.reduce((sum, name) => sum + pollsOf(name).length, 0);
    const calls = () => [world.dingtalk.arrived('token'), world.dingtalk.arrived('user_count')];
    expect(world.dingtalk.inFlight).toBe(0);
    expect(calls()).toEqual([ORGANIZATIONS, 2 * polls]);
    const before = calls();
    for (let scrape = 0; scrape < 10; scrape += 1) await world.exporter.exposition();
    await world.settle();
    expect(calls()).toEqual(before);
    expect(world.warnings.lines).toEqual([]);
  });
});
