import { afterEach, describe, expect, it } from 'vitest';
import type { OrganizationConfiguration } from '../../src/config/configuration.ts';
import { Fleet } from '../../src/polling/fleet.ts';
import { InProcessWorld, type InProcessWorldOptions, type ReadCall } from '../support/in-process.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { LogRecord } from '../support/world.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

let world: InProcessWorld;
let log: LogRecord;
/** DingTalk's answer to a call; correct unless set. */
let respond: (call: ReadCall) => ReturnType<ReadCall['honest']> | 'silence';

/** Starts an exporter with these organizations, each with its own app. */
async function start(
  organizations: Readonly<Record<string, Partial<OrganizationConfiguration>>>,
  options: InProcessWorldOptions = {},
): Promise<void> {
  log = new LogRecord();
  respond = (call) => call.honest();
  world = new InProcessWorld({ logger: log, respond: (call) => respond(call), ...options });
  for (const name of Object.keys(organizations)) world.addApp(name, 100, 90);
  await world.start(configuration(organizations));
}

const configuration = (organizations: Readonly<Record<string, Partial<OrganizationConfiguration>>>) =>
  world.configure(Object.entries(organizations).map(([name, parts]) => world.organization(name, parts)));

async function reload(organizations: Readonly<Record<string, Partial<OrganizationConfiguration>>>) {
  world.next = configuration(organizations);
  await world.exporter.reload();
  await world.settle();
}

const badAnswer = () => ({ status: 200, headers: {}, text: JSON.stringify({ errcode: 60011 }) });

afterEach(() => world.exporter.close());

describe('polls later than max_staleness', () => {
  it('count once as a failed poll, with a log line, until a poll succeeds', async () => {
    let latency = 0;
    const settings = { pollInterval: 10 * MINUTE, maxStaleness: 11 * MINUTE };
    const poll = { requestTimeout: 60 * MINUTE, timeout: 60 * MINUTE };
    await start({ acme: settings }, { poll, latency: () => [0, latency] });
    const { lastPoll } = world.stateOf('acme');
    latency = 5 * MINUTE;
    await world.advance(11 * MINUTE);
    const state = world.stateOf('acme');
    expect(state).toMatchObject({ headcount: undefined, polls: 2, pollFailures: 1 });
    expect(state.failingSince).toBe(world.clock.wallTime());
    expect(state.lastPoll).toMatchObject({ endedAt: lastPoll?.endedAt, duration: lastPoll?.duration });
    expect(await world.sample('dingtalk_up{organization="acme"}')).toBe(0);
    expect(await world.sample('dingtalk_poll_error{organization="acme",reason="timeout"}')).toBe(1);
    expect(log.lines.slice(-2)).toMatchObject([
      {
        level: 'warn',
        message: 'poll failed',
        fields: {
          organization: 'acme',
          reason: 'timeout',
          error: 'no poll ended within max_staleness (660 s)',
          hint: expect.stringContaining('raise poll.rate_limit'),
        },
      },
      { level: 'warn', message: 'headcount dropped: it is older than max_staleness' },
    ]);
    await world.advance(MINUTE);
    expect(world.stateOf('acme')).toBe(state);
    await world.advance(10 * MINUTE);
    expect(world.stateOf('acme')).toMatchObject({ polls: 3, pollFailures: 1, failingSince: undefined });
    expect(await world.sample('dingtalk_up{organization="acme"}')).toBe(1);
    expect(log.messages('info')).toEqual(['first headcount', 'poll succeeded again']);
  });

  it('do not include first polls that wait in the queue', async () => {
    // 60 organizations every 10 s need 12 calls a second.
    const often = { pollInterval: 10 * SECOND, failureInterval: 10 * SECOND, maxStaleness: 40 * SECOND };
    const names = Array.from({ length: 60 }, (_, index) => `organization ${index}`);
    await start(Object.fromEntries(names.map((name) => [name, often])), { poll: { rateLimit: 2 } });
    await world.advance(60 * SECOND);
    const waiting = world.exporter.organizations().filter(({ polls }) => polls === 0);
    expect(waiting.length).toBeGreaterThan(10);
    for (const { lastPoll, name } of waiting) {
      expect(lastPoll).toBeUndefined();
      expect(await world.sample(`dingtalk_up{organization="${name}"}`)).toBeUndefined();
    }
  });

  it('do not change the reason of a failed poll', async () => {
    await start({ acme: {} });
    respond = badAnswer;
    await world.advance(92 * MINUTE);
    const { headcount, lastPoll, polls, pollFailures } = world.stateOf('acme');
    expect(headcount).toBeUndefined();
    expect(lastPoll?.failure?.reason).toBe('permission');
    expect(pollFailures).toBe(polls - 1);
    expect(log.messages('warn')).toEqual([
      'poll failed',
      'headcount dropped: it is older than max_staleness',
    ]);
  });
});

it('drops a headcount by its age on the monotonic clock, whatever the wall clock', async () => {
  await start({ acme: {} });
  respond = badAnswer;
  world.clock.stepWallClock(-400 * 24 * 60 * MINUTE);
  await world.advance(91 * MINUTE - 1);
  world.clock.stepWallClock(800 * 24 * 60 * MINUTE);
  expect(world.stateOf('acme').headcount).toBeDefined();
  await world.advance(1);
  expect(world.stateOf('acme').headcount).toBeUndefined();
});

describe('a reload', () => {
  const credentials = (clientId: string, secret = 'secret-of-acme') =>
    ({ kind: 'internal_app', clientId, clientSecret: { kind: 'inline', value: secret } }) as const;

  it('keeps headcount and schedule of an organization, also with a new secret', async () => {
    await start({ acme: {} });
    await world.advance(MINUTE);
    const { headcount, lastPoll } = world.stateOf('acme');
    const calls = world.dingtalk.arrived('user_count');
    await reload({ acme: { credentials: credentials('ding-acme', 'another') } });
    expect(world.stateOf('acme')).toMatchObject({ headcount, lastPoll, polls: 1 });
    expect(world.dingtalk.arrived('user_count')).toBe(calls);
  });

  it.each([
    ['client id', { credentials: credentials('ding-other') }],
    ['endpoint', { endpoints: { api: 'https://a.test', oapi: 'https://oapi.dingtalk.test' } }],
    ['endpoint', { endpoints: { api: 'https://api.dingtalk.test', oapi: 'https://b.test' } }],
    [
      'corp id',
      { credentials: { ...credentials('ding-acme'), kind: 'third_party_app' as const, corpId: 'corp' } },
    ],
  ])('starts again with another %s', async (_title, parts) => {
    await start({ acme: {} });
    respond = () => 'silence';
    await reload({ acme: parts });
    expect(world.stateOf('acme')).toMatchObject({ headcount: undefined, lastPoll: undefined, polls: 0 });
  });

  it('polls only a failing organization at once', async () => {
    await start({ acme: {}, other: {} });
    respond = (call) => (call.organization?.clientId === 'ding-acme' ? badAnswer() : call.honest());
    await world.advance(40 * MINUTE);
    const polls = ['acme', 'other'].map((name) => world.stateOf(name).polls);
    respond = (call) => call.honest();
    await reload({ acme: {}, other: {} });
    expect(['acme', 'other'].map((name) => world.stateOf(name).polls)).toEqual([
      (polls[0] ?? 0) + 1,
      polls[1],
    ]);
    expect(world.stateOf('acme').lastPoll?.failure).toBeUndefined();
  });

  it('polls a failing organization at once, also while its poll waits to retry', async () => {
    await start({ acme: {} });
    const retryAfter = { 'retry-after': '30' };
    respond = () => ({ status: 429, headers: retryAfter, text: '{}' });
    while (world.stateOf('acme').pollFailures === 0) await world.advance(SECOND);
    const { polls } = world.stateOf('acme');
    const calls = world.dingtalk.arrived('user_count');
    while (world.dingtalk.arrived('user_count') === calls) await world.advance(SECOND);
    respond = (call) => call.honest();
    await reload({ acme: {} });
    await world.advance(0);
    expect(world.stateOf('acme')).toMatchObject({ polls: polls + 1, lastPoll: { failure: undefined } });
  });

  it('polls again at once if the poll in progress fails', async () => {
    await start({ acme: {} }, { poll: { retries: 0 } });
    respond = () => 'silence';
    while (world.dingtalk.inFlight === 0) await world.advance(SECOND);
    const { polls } = world.stateOf('acme');
    await reload({ acme: {} });
    respond = (call) => call.honest();
    await world.advance(10 * SECOND);
    expect(world.stateOf('acme')).toMatchObject({ polls: polls + 2, pollFailures: 1 });
    expect(world.stateOf('acme').lastPoll?.failure).toBeUndefined();
  });

  it('applies a new interval', async () => {
    await start({ acme: { pollInterval: 24 * 60 * MINUTE } });
    await reload({ acme: { pollInterval: MINUTE } });
    expect(await world.sample('dingtalk_poll_interval_seconds{organization="acme"}')).toBe(60);
    await world.advance(10 * MINUTE);
    expect(world.stateOf('acme').polls).toBeGreaterThanOrEqual(10);
  });

  it('drops a headcount that is too old for the new max_staleness, and polls at once', async () => {
    await start({ acme: {} });
    await world.advance(MINUTE);
    respond = () => 'silence';
    await reload({ acme: { maxStaleness: 30 * SECOND } });
    expect(world.stateOf('acme').headcount).toBeUndefined();
    expect(await world.sample('dingtalk_up{organization="acme"}')).toBe(0);
    expect(world.dingtalk.inFlight).toBe(1);
  });
});

describe('the poll loop', () => {
  const build = (clock: ManualClock, poll: ConstructorParameters<typeof Fleet>[0]['poll']): Fleet => {
    const logger = new LogRecord();
    const tokenExpiresAt = () => undefined;
    return new Fleet({ clock, logger, poll, tokenExpiresAt, pollTimeout: () => MINUTE, onChange: () => {} });
  };
  const acme = (): OrganizationConfiguration => new InProcessWorld().organization('acme');

  it('is not alive after a poll does not end at its deadline', () => {
    const clock = new ManualClock();
    const fleet = build(clock, (_organization, run) => {
      run.begin();
      return new Promise(() => {});
    });
    fleet.apply([acme()]);
    clock.advance(2 * MINUTE - 1);
    expect(fleet.isAlive()).toBe(true);
    clock.advance(1);
    expect(fleet.isAlive()).toBe(false);
  });

  it('is alive while polls wait in the queue', () => {
    const clock = new ManualClock();
    const fleet = build(clock, () => new Promise(() => {}));
    fleet.apply([acme()]);
    clock.advance(24 * 60 * MINUTE);
    expect(fleet.isAlive()).toBe(true);
  });

  it('is not alive after a poll does not begin', async () => {
    const clock = new ManualClock();
    const fleet = build(clock, async () => ({ employees: 2, active: 1 }));
    clock.setTimer = () => ({ cancel: () => {} });
    fleet.apply([acme()]);
    await fleet.firstPolls();
    expect(fleet.isAlive()).toBe(true);
    clock.advance(33 * MINUTE);
    expect(fleet.isAlive()).toBe(false);
  });

  it('polls each organization once before any second time', async () => {
    const clock = new ManualClock();
    let quickPolls = 0;
    const fleet = build(clock, async ({ name }, run) => {
      if (name === 'quick') quickPolls += 1;
      else await run.pause(24 * 60 * MINUTE);
      return { employees: 2, active: 1 };
    });
    fleet.apply([{ ...acme(), name: 'quick' }, acme()]);
    const ended = fleet.firstPolls();
    for (let hour = 0; hour < 24; hour += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(60 * MINUTE);
    }
    await ended;
    expect(quickPolls).toBe(1);
    expect(fleet.states().map(({ polls }) => polls)).toEqual([1, 1]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('reports a bug in the exporter as a failed poll, without the message of the error', async () => {
    await start({ acme: {} });
    respond = () => {
      throw new TypeError('the secret of acme');
    };
    await world.advance(40 * MINUTE);
    const { lastPoll, polls } = world.stateOf('acme');
    expect(polls).toBeGreaterThan(2);
    expect(lastPoll?.failure).toMatchObject({ reason: 'invalid_response', hint: 'exporter_bug' });
    const failures = (reason: string) =>
      world.sample(`dingtalk_api_request_failures_total{endpoint="user_count",reason="${reason}"}`);
    expect(await failures('invalid_response')).toBeGreaterThan(0);
    expect(await failures('network')).toBe(0);
    expect(log.messages('error')).toContain('poll failed: bug in the exporter');
    expect(JSON.stringify([log.lines, lastPoll])).not.toContain('the secret');
  });
});
