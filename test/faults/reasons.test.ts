import { afterEach, describe, expect, it } from 'vitest';
import { late, silence } from '../simulator/deliveries.ts';
import * as replies from '../simulator/replies.ts';
import type { Reply } from '../simulator/script.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { World, type WorldOptions } from '../support/world.ts';

let world: World;
afterEach(() => world.close());

async function begin(options: WorldOptions = {}): Promise<void> {
  world = await World.create(options);
}

/** What the first poll failed for. */
async function reasonOfPoll(polls = 1): Promise<string | undefined> {
  const { lastPoll } = await world.polled(polls);
  return lastPoll?.failure?.reason;
}

const arrivals = () => world.simulator.requests.kept('user_count').map(({ arrivedAt }) => arrivedAt);

describe('the reason of a poll in which several things went wrong', () => {
  it('is throttled where it was throttled until no wait fitted before the deadline', async () => {
    await begin({ poll: { retries: 50 } });
    world.simulator.script.always('user_count', replies.tooManyRequests());
    world.exporter.start();
    expect(await reasonOfPoll()).toBe('throttled');
    // Half of 2, 4, 8, 16, 30 s lies between the calls; another 15 s would end behind the minute.
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

  it('is timeout where a call was not answered in time after it had been throttled', async () => {
    await begin();
    world.simulator.script.once('user_count', replies.tooManyRequests(), 2);
    world.simulator.script.always('user_count', silence);
    world.exporter.start();
    expect(await reasonOfPoll()).toBe('timeout');
    expect(arrivals()).toHaveLength(4);
  });

  it('is throttled where it was throttled after calls that were not answered in time', async () => {
    await begin();
    world.simulator.script.once('user_count', silence, 3);
    world.simulator.script.always('user_count', replies.tooManyRequests());
    world.exporter.start();
    expect(await reasonOfPoll()).toBe('throttled');
  });

  it('is the one that stops the poll where that came last', async () => {
    await begin();
    world.simulator.script.once('user_count', replies.newStyleError(503, 'ServiceUnavailable'));
    world.simulator.script.once('user_count', replies.tooManyRequests());
    world.simulator.script.always('user_count', replies.wrappedError('60011'));
    world.exporter.start();
    expect(await reasonOfPoll()).toBe('permission');
    expect(arrivals()).toHaveLength(3);
  });

  it('is timeout, not credentials, where a token was refused and renewed and then nothing came', async () => {
    await begin({ poll: { requestTimeout: 60_000 } });
    world.simulator.script.once('user_count', replies.plainError(40014));
    world.simulator.script.always('user_count', silence);
    world.exporter.start();
    expect(await reasonOfPoll()).toBe('timeout');
  });
});

describe('an organization that waits for a token which another one fetches', () => {
  const shared = async (parts: WorldOptions['poll']): Promise<void> => {
    await begin({ poll: { ...parts } });
    world.configuration = world.configure([world.organization(), world.organization({ name: 'second' })]);
    world.build();
  };

  it('does not fail for the other one’s deadline, but fetches it itself', async () => {
    await shared({ requestTimeout: 60_000 });
    world.simulator.script.once('token', silence);
    world.exporter.start();
    expect(await reasonOfPoll()).toBe('timeout');
    const second = await world.polled(1, 'second');
    expect(second.lastPoll?.failure).toBeUndefined();
    expect(second.headcount).toMatchObject({ employees: 1240, active: 1100 });
    expect(world.simulator.requests.count('token')).toBe(2);
  });

  it('fails with it, without calls of its own, where DingTalk refuses', async () => {
    await shared({});
    world.simulator.script.always('token', replies.newStyleError(400, 'invalidClientIdOrSecret'));
    world.exporter.start();
    expect(await reasonOfPoll()).toBe('credentials');
    expect((await world.polled(1, 'second')).lastPoll?.failure?.reason).toBe('credentials');
    expect(world.simulator.requests.count('token')).toBe(1);
  });

  it('goes on where the other one is taken out meanwhile', async () => {
    await shared({ requestTimeout: 60_000 });
    world.simulator.script.once('token', silence);
    world.exporter.start();
    await world.simulator.requests.whenCount(1, 'token');
    world.nextConfiguration = world.configure([world.organization({ name: 'second' })]);
    await world.exporter.reload();
    const second = await world.polled(1, 'second');
    expect(second.headcount).toMatchObject({ employees: 1240, active: 1100 });
    expect(world.exporter.organizations().map(({ name }) => name)).toEqual(['second']);
  });
});

describe('Retry-After', () => {
  const date = (after: number) => new Date(world.clock.wallTime() + after).toUTCString();

  it.each<readonly [string, () => string, number]>([
    ['seconds', () => '7', 7000],
    ['a date', () => date(9000), 9000],
    ['none', () => '0', 1000],
    ['a date that has passed', () => date(-60_000), 1000],
    ['words', () => 'soon', 1000],
    ['a negative number', () => '-5', 1000],
  ])('of %s is waited for, and never less than a second', async (_title, value, wait) => {
    await begin({ random: () => 0 });
    world.simulator.script.once('user_count', replies.tooManyRequests(value()));
    world.exporter.start();
    expect(await reasonOfPoll()).toBeUndefined();
    expect(arrivals()).toEqual([0, wait, wait]);
  });

  it('counts on the clock’s time of the answer, not of the call', async () => {
    await begin({ random: () => 0 });
    const moment = world.clock.wallTime();
    const retryAfter = new Date(moment + 9000).toUTCString();
    world.simulator.script.once('user_count', late(4000, replies.tooManyRequests(retryAfter)));
    world.exporter.start();
    expect(await reasonOfPoll()).toBeUndefined();
    expect(arrivals()).toEqual([0, 9000, 9000]);
  });

  it.each<readonly [string, () => string]>([
    ['seconds', () => '60'],
    ['a date', () => date(61_000)],
    ['a day', () => '86400'],
    ['more than any number holds', () => '9'.repeat(400)],
  ])('of %s that point past the deadline ends the poll at once', async (_title, value) => {
    await begin();
    world.simulator.script.always('user_count', replies.tooManyRequests(value()));
    world.exporter.start();
    expect(await reasonOfPoll()).toBe('throttled');
    expect(world.state.lastPoll?.duration).toBe(0);
    expect(arrivals()).toHaveLength(1);
  });

  it('is honored with HTTP 503 too', async () => {
    await begin();
    const unavailable = replies.newStyleError(503, 'ServiceUnavailable');
    world.simulator.script.once('user_count', (exchange) => {
      const answer = unavailable(exchange);
      return { ...answer, headers: { ...answer.headers, 'retry-after': '20' } };
    });
    world.exporter.start();
    expect(await reasonOfPoll()).toBeUndefined();
    expect(arrivals()).toEqual([0, 20_000, 20_000]);
  });
});

describe('how often a call is made again', () => {
  it.each<readonly [string, Reply, number]>([
    ['errcode -1: three times, whatever is configured', replies.plainError(-1), 4],
    ['errcode -1, wrapped', replies.wrappedError('-1'), 4],
    ['errcode 15: as often as is configured', replies.plainError(15), 11],
    ['HTTP 500: as often as is configured', replies.answer({ status: 500 }), 11],
  ])('%s', async (_title, reply, calls) => {
    await begin({ poll: { retries: 10 } });
    world.simulator.script.always('user_count', reply);
    world.exporter.start();
    expect(await reasonOfPoll()).toBe('unavailable');
    expect(arrivals()).toHaveLength(calls);
    expect(await world.samples('dingtalk_api_request_retries_total{endpoint="user_count"}')).toEqual([
      `dingtalk_api_request_retries_total{endpoint="user_count"} ${calls - 1}`,
    ]);
  });

  it.each([0, 1])('with retries: %i, errcode -1 gets no more than that', async (retries) => {
    await begin({ poll: { retries } });
    world.simulator.script.always('user_count', replies.plainError(-1));
    world.exporter.start();
    expect(await reasonOfPoll()).toBe('unavailable');
    expect(arrivals()).toHaveLength(retries + 1);
  });
});

describe('an address that DingTalk has blocked', () => {
  const BLOCK = 300_000;

  it.each(['json', 'html'] as const)(
    'as %s: no organization calls that host for 5 minutes',
    async (shape) => {
      await begin({ network: 'sockets' });
      const { apps, origin } = world.simulator;
      const elsewhere = await startSimulator({ clock: world.clock });
      const app = { appSecret: 's', employees: 9, active: 8 };
      apps.addInternalApp({ ...app, appKey: 'dingneighbor' });
      elsewhere.apps.addInternalApp({ ...app, appKey: 'dingfar' });
      const other = (name: string, at: string) =>
        world.organization({
          name,
          endpoints: { api: at, oapi: at },
          credentials: {
            kind: 'internal_app',
            clientId: `ding${name}`,
            clientSecret: { kind: 'inline', value: 's' },
          },
          pollInterval: 30_000,
          failureInterval: 30_000,
        });
      world.configuration = world.configure([
        world.organization(),
        other('neighbor', origin),
        other('far', elsewhere.origin),
      ]);
      world.build();
      try {
        world.simulator.script.once(
          { endpoint: 'user_count', organization: world.acme },
          replies.addressBlock(shape),
        );
        world.exporter.start();
        expect(await reasonOfPoll()).toBe('throttled');
        const blockedAt = world.clock.monotonicTime();
        await world.polled(1, 'neighbor');
        const { requests } = world.simulator;
        const before = requests.count();

        await world.until(
          () => world.clock.monotonicTime() >= blockedAt + BLOCK - 30_000,
          'nearly five minutes',
        );
        expect(requests.count()).toBe(before);
        expect(world.stateOf('neighbor').lastPoll?.failure).toMatchObject({ reason: 'throttled' });
        expect(world.stateOf('neighbor').polls).toBeGreaterThan(5);
        // Another host is called as ever.
        expect(world.stateOf('far').pollFailures).toBe(0);
        expect(world.stateOf('far').polls).toBeGreaterThan(5);

        await world.until(
          () =>
            world.state.headcount !== undefined && world.stateOf('neighbor').lastPoll?.failure === undefined,
          'both to be well',
        );
        expect(world.clock.monotonicTime()).toBeLessThanOrEqual(blockedAt + BLOCK + 30_000);
        const again = requests.kept().find(({ arrivedAt }) => arrivedAt > blockedAt);
        expect(again?.arrivedAt).toBeGreaterThanOrEqual(blockedAt + BLOCK);
      } finally {
        await elsewhere.close();
      }
    },
  );
});
