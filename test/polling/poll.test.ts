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

  it('reads all employees with only_active=false, and active ones with true', async () => {
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

  it('reads both counts once more if there are more active employees than employees', async () => {
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
    ['with an invalid errcode', { errcode: {} }],
  ])('logs the request id of an answer %s', async (_title, body) => {
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

  it('fails if the counts are inconsistent twice', async () => {
    world.simulator.script.always('user_count', swapped);
    world.exporter.start();
    await world.polled();
    expect(world.state).toMatchObject({
      headcount: undefined,
      lastPoll: { failure: { reason: 'invalid_response' } },
    });
    expect(world.simulator.requests.count('user_count')).toBe(4);
  });

  it('publishes 0 if DingTalk returns 0', async () => {
    world.simulator.script.always('user_count', countOf(0));
    world.exporter.start();
    await world.polled();
    expect(world.state.headcount).toMatchObject({ employees: 0, active: 0 });
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

  it('times out if its deadline ends a call, also after a successful retry', async () => {
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

  it('retries a call that times out', async () => {
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
