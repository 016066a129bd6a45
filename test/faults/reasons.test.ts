import { afterEach, describe, expect, it } from 'vitest';
import { late, silence } from '../simulator/deliveries.ts';
import * as replies from '../simulator/replies.ts';
import type { Behavior, Reply } from '../simulator/script.ts';
import { World, type WorldOptions } from '../support/world.ts';

let world: World;
afterEach(() => world.close());

async function begin(options: WorldOptions = {}): Promise<void> {
  world = await World.create(options);
}

/** The reason of the first poll's failure, or undefined where it succeeded. */
async function reasonOfPoll(): Promise<string | undefined> {
  const { lastPoll } = await world.polled();
  return lastPoll?.failure?.reason;
}

const arrivals = () => world.simulator.requests.kept('user_count').map(({ arrivedAt }) => arrivedAt);

describe('the reason of a poll with several failures', () => {
  const throttled = replies.tooManyRequests();

  it('is throttled where no further wait fits before the deadline', async () => {
    await begin({ poll: { retries: 50 } });
    world.simulator.script.always('user_count', throttled);
    world.exporter.start();
    expect(await reasonOfPoll()).toBe('throttled');
    // The waits are half of 2, 4, 8, 16, 30 s; another 15 s would end after the minute.
    expect(arrivals()).toEqual([0, 1000, 3000, 7000, 15_000, 30_000, 45_000]);
  });

  it('is throttled where the deadline cuts the call after that', async () => {
    await begin({ poll: { requestTimeout: 60_000 } });
    world.simulator.script.once('user_count', replies.tooManyRequests('50'));
    world.simulator.script.always('user_count', silence);
    world.exporter.start();
    expect(await reasonOfPoll()).toBe('throttled');
    expect(world.state.lastPoll?.duration).toBe(60_000);
    expect(
      await world.samples('dingtalk_api_request_failures_total{endpoint="user_count",reason="t'),
    ).toEqual([
      'dingtalk_api_request_failures_total{endpoint="user_count",reason="timeout"} 1',
      'dingtalk_api_request_failures_total{endpoint="user_count",reason="throttled"} 1',
    ]);
  });

  it.each<readonly [string, string, readonly Behavior[]]>([
    ['timeout', 'no answer came last', [throttled, throttled, silence, silence]],
    ['throttled', 'that came last', [silence, silence, silence, throttled]],
    [
      'permission',
      'that ends the poll',
      [replies.newStyleError(503, 'x'), throttled, replies.wrappedError('60011')],
    ],
    [
      'timeout',
      'a token was refused and renewed, and then no answer came',
      [replies.plainError(40014), silence, silence, silence, silence],
    ],
  ])('is %s where %s', async (reason, _title, behaviors) => {
    await begin();
    for (const behavior of behaviors) world.simulator.script.once('user_count', behavior);
    world.exporter.start();
    expect(await reasonOfPoll()).toBe(reason);
    expect(arrivals()).toHaveLength(behaviors.length);
  });
});

describe('an organization that waits for a token which another one fetches', () => {
  const shared = async (poll: WorldOptions['poll'] = {}): Promise<void> => {
    await begin({ poll });
    world.configuration = world.configure([world.organization(), world.organization({ name: 'second' })]);
    world.build();
  };

  it('fetches the token itself where the other one reaches its deadline', async () => {
    await shared({ requestTimeout: 60_000 });
    world.simulator.script.once('token', silence);
    world.exporter.start();
    expect(await reasonOfPoll()).toBe('timeout');
    const second = await world.polled(1, 'second');
    expect(second.headcount).toMatchObject({ employees: 1240, active: 1100 });
    expect(world.simulator.requests.count('token')).toBe(2);
  });

  it('fails without calls of its own where DingTalk refuses', async () => {
    await shared();
    world.simulator.script.always('token', replies.newStyleError(400, 'invalidClientIdOrSecret'));
    world.exporter.start();
    expect(await reasonOfPoll()).toBe('credentials');
    expect((await world.polled(1, 'second')).lastPoll?.failure?.reason).toBe('credentials');
    expect(world.simulator.requests.count('token')).toBe(1);
  });

  it('goes on where a reload removes the other one', async () => {
    await shared({ requestTimeout: 60_000 });
    world.simulator.script.once('token', silence);
    world.exporter.start();
    await world.until(() => world.simulator.requests.count('token') === 1);
    world.nextConfiguration = world.configure([world.organization({ name: 'second' })]);
    await world.exporter.reload();
    const second = await world.polled(1, 'second');
    expect(second.headcount).toMatchObject({ employees: 1240, active: 1100 });
    expect(world.exporter.organizations().map(({ name }) => name)).toEqual(['second']);
  });
});

describe('Retry-After', () => {
  const date = (after: number) => new Date(world.clock.wallTime() + after).toUTCString();
  const unavailable: (retryAfter: string) => Reply = (retryAfter) =>
    replies.answer({ status: 503, headers: { 'retry-after': retryAfter } });

  it.each<readonly [string, () => Behavior, number]>([
    ['seconds', () => replies.tooManyRequests('7'), 7000],
    ['a date', () => replies.tooManyRequests(date(9000)), 9000],
    ['a date, with an answer that took 4 s', () => late(4000, replies.tooManyRequests(date(9000))), 9000],
    ['0', () => replies.tooManyRequests('0'), 1000],
    ['a date that has passed', () => replies.tooManyRequests(date(-60_000)), 1000],
    ['words', () => replies.tooManyRequests('soon'), 1000],
    ['a negative number', () => replies.tooManyRequests('-5'), 1000],
    ['20 seconds, with HTTP 503', () => unavailable('20'), 20_000],
  ])('of %s is waited for, but at least a second', async (_title, behavior, wait) => {
    await begin({ random: () => 0 });
    world.simulator.script.once('user_count', behavior());
    world.exporter.start();
    expect(await reasonOfPoll()).toBeUndefined();
    expect(arrivals()).toEqual([0, wait, wait]);
  });

  it.each<readonly [string, () => string]>([
    ['seconds', () => '60'],
    ['a date', () => date(61_000)],
    ['more than any number holds', () => '9'.repeat(400)],
  ])('of %s ends the poll at once where that is after the deadline', async (_title, value) => {
    await begin();
    world.simulator.script.always('user_count', replies.tooManyRequests(value()));
    world.exporter.start();
    expect(await reasonOfPoll()).toBe('throttled');
    expect(world.state.lastPoll?.duration).toBe(0);
    expect(arrivals()).toHaveLength(1);
  });
});

it.each<readonly [string, number, Reply, number]>([
  ['errcode -1', 10, replies.plainError(-1), 4],
  ['wrapped errcode -1', 10, replies.wrappedError('-1'), 4],
  ['errcode -1', 1, replies.plainError(-1), 2],
  ['errcode -1', 0, replies.plainError(-1), 1],
  ['errcode 15', 10, replies.plainError(15), 11],
  ['HTTP 500', 10, replies.answer({ status: 500 }), 11],
])(
  '%s with retries: %i is retried, errcode -1 at most three times',
  async (_title, retries, reply, calls) => {
    await begin({ poll: { retries } });
    world.simulator.script.always('user_count', reply);
    world.exporter.start();
    expect(await reasonOfPoll()).toBe('unavailable');
    expect(arrivals()).toHaveLength(calls);
    expect(await world.samples('dingtalk_api_request_retries_total{endpoint="user_count"}')).toEqual([
      `dingtalk_api_request_retries_total{endpoint="user_count"} ${calls - 1}`,
    ]);
  },
);

it('where DingTalk blocks the address, no organization calls that host for 5 minutes', async () => {
  const BLOCK = 300_000;
  await begin();
  const other = (name: string, origin: string) => {
    world.simulator.apps.addInternalApp({
      appKey: `ding${name}`,
      appSecret: 'secret',
      employees: 9,
      active: 8,
    });
    return world.organization({
      name,
      endpoints: { api: origin, oapi: origin },
      credentials: {
        kind: 'internal_app',
        clientId: `ding${name}`,
        clientSecret: { kind: 'inline', value: 'secret' },
      },
      pollInterval: 30_000,
      failureInterval: 30_000,
    });
  };
  const neighbor = other('neighbor', world.simulator.origin);
  world.configuration = world.configure([world.organization(), neighbor, other('far', 'https://far.test')]);
  world.build();
  const { script, requests } = world.simulator;
  script.once({ endpoint: 'user_count', organization: world.acme }, replies.addressBlock('json'));
  world.exporter.start();
  expect(await reasonOfPoll()).toBe('throttled');
  const blockedAt = world.clock.monotonicTime();
  const blocked = [world.acme, ...world.simulator.apps.organizationsOf('dingneighbor')];
  const callsOfBlocked = () =>
    blocked.reduce((sum, organization) => sum + requests.count({ organization }), 0);
  await world.polled(1, 'neighbor');
  const before = callsOfBlocked();

  await world.advance(blockedAt + BLOCK - 30_000 - world.clock.monotonicTime());
  expect(callsOfBlocked()).toBe(before);
  expect(world.stateOf('neighbor').lastPoll?.failure?.reason).toBe('throttled');
  expect(world.stateOf('neighbor').polls).toBeGreaterThan(5);
  // Another host is not affected.
  expect(world.stateOf('far').pollFailures).toBe(0);
  expect(world.stateOf('far').polls).toBeGreaterThan(5);

  await world.until(() => callsOfBlocked() > before);
  expect(world.clock.monotonicTime()).toBeGreaterThanOrEqual(blockedAt + BLOCK);
  await world.until(() => world.stateOf('neighbor').lastPoll?.failure === undefined);
  expect(world.clock.monotonicTime()).toBeLessThanOrEqual(blockedAt + BLOCK + 30_000);
});
