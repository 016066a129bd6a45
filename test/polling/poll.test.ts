import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Hold } from '../simulator/hold.ts';
import { answer, countOf, swapped } from '../simulator/replies.ts';
import { World } from '../support/world.ts';

describe('a poll', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  it('reads everyone with only_active=false, and who has activated with true', async () => {
    world.exporter.start();
    await world.polled();
    const counts = world.simulator.requests.kept('user_count');
    expect(counts.map(({ body, onlyActive }) => [body, onlyActive])).toEqual([
      ['only_active=false', false],
      ['only_active=true', true],
    ]);
    expect(await world.samples('dingtalk_employees')).toEqual([
      'dingtalk_employees{organization="acme"} 1240',
      'dingtalk_employees_active{organization="acme"} 1100',
    ]);
  });

  it('reads a pair once more where more are active than there are people', async () => {
    world.simulator.script.once('user_count', swapped, 2);
    world.exporter.start();
    await world.polled();
    expect(world.state.headcount).toMatchObject({ employees: 1240, active: 1100 });
    expect(world.simulator.requests.count('user_count')).toBe(4);
    expect(await world.samples('dingtalk_api_request_retries_total{endpoint="user_count"}')).toEqual([
      'dingtalk_api_request_retries_total{endpoint="user_count"} 2',
    ]);
  });

  it.each([
    ['without a count', { errcode: 0, errmsg: 'ok' }],
    ['with an errcode that is none', { errcode: {} }],
  ])('keeps the id of an answer %s, for DingTalk to look it up', async (_title, body) => {
    world.simulator.script.always(
      'user_count',
      answer({ body: { ...body, request_id: 'id-of-the-answer' } }),
    );
    world.exporter.start();
    await world.polled();
    expect(world.log.lines.find(({ message }) => message === 'poll failed')?.fields).toMatchObject({
      reason: 'invalid_response',
      request_id: 'id-of-the-answer',
    });
  });

  it('believes no pair that is impossible twice', async () => {
    world.simulator.script.always('user_count', swapped);
    world.exporter.start();
    await world.polled();
    expect(world.state).toMatchObject({
      headcount: undefined,
      lastPoll: { failure: { reason: 'invalid_response' } },
    });
    expect(world.simulator.requests.count('user_count')).toBe(4);
  });

  it('publishes an organization of nobody as 0, because DingTalk said so', async () => {
    world.simulator.script.always('user_count', countOf(0));
    world.exporter.start();
    await world.polled();
    expect(world.state.headcount).toMatchObject({ employees: 0, active: 0 });
  });

  it('keeps a token for 1 h 55 min', async () => {
    world.exporter.start();
    for (let polls = 1; polls <= 12; polls += 1) await world.polled(polls);
    const fetched = world.simulator.requests.kept('token').map(({ arrivedAt }) => arrivedAt);
    expect(fetched).toHaveLength(3);
    for (const [index, at] of fetched.entries()) {
      const before = fetched[index - 1];
      if (before !== undefined) expect(at - before).toBeGreaterThanOrEqual(6_900_000);
    }
  });

  it('fetches one token for all organizations that share an app', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    world.configuration = world.configure(names.map((name) => world.organization({ name })));
    world.build();
    const hold = new Hold();
    world.simulator.script.once('token', hold.behavior);
    world.exporter.start();
    await hold.whenHeld();
    await world.until(() => world.simulator.requests.inFlight === 1);
    hold.release();
    for (const name of names) await world.polled(1, name);
    expect(world.simulator.requests.count('token')).toBe(1);
    expect(world.simulator.requests.count('user_count')).toBe(10);
  });

  it('times out where its deadline cuts a call, whatever was mended before', async () => {
    await world.close();
    world = await World.create({ poll: { timeout: 5000 } });
    world.simulator.script.once('user_count', answer({ status: 503 }));
    const hold = new Hold();
    world.simulator.script.always({ endpoint: 'user_count', onlyActive: true }, hold.behavior);
    world.exporter.start();
    await world.until(() => world.simulator.requests.count('user_count') === 3);
    await hold.whenHeld();
    world.clock.advance(5000);
    await world.polled();
    expect(world.state.lastPoll?.failure?.reason).toBe('timeout');
  });

  it('times out at the deadline of a call, and tries again', async () => {
    const hold = new Hold();
    world.simulator.script.once('user_count', hold.behavior);
    world.exporter.start();
    await hold.whenHeld();
    world.clock.advance(10_000);
    await world.polled();
    expect(world.state.lastPoll).toMatchObject({ failure: undefined });
    expect(await world.samples('dingtalk_api_request_retries_total{endpoint="user_count"}')).toEqual([
      'dingtalk_api_request_retries_total{endpoint="user_count"} 1',
    ]);
  });
});
