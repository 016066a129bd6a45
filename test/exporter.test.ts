import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Hold } from './simulator/hold.ts';
import { plainError } from './simulator/replies.ts';
import { World } from './support/world.ts';

describe('readiness', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  it('is never taken back by a reload, also where nobody has asked before', async () => {
    world.exporter.start();
    await world.polled();
    const hold = new Hold();
    world.simulator.script.always('user_count', hold.behavior);
    world.nextConfiguration = world.configure([world.organization(), world.organization({ name: 'added' })]);
    await world.exporter.reload();
    await hold.whenHeld();
    expect(world.stateOf('added').polls).toBe(0);
    expect(world.exporter.ready()).toBe(true);
  });

  it('comes with the end of every first poll, or after two minutes without', async () => {
    await world.close();
    world = await World.create({ poll: { timeout: 3_600_000, requestTimeout: 3_600_000 } });
    const hold = new Hold();
    world.simulator.script.always('token', hold.behavior);
    world.exporter.start();
    await hold.whenHeld();
    world.clock.advance(119_999);
    expect(world.exporter.ready()).toBe(false);
    world.clock.advance(1);
    expect(world.exporter.ready()).toBe(true);
    expect(world.state.polls).toBe(0);
  });
});

it('a reload applies the settings that polls have in common', async () => {
  const world = await World.create();
  onTestFinished(() => world.close());
  world.exporter.start();
  await world.polled();
  world.nextConfiguration = { ...world.configuration, poll: { ...world.configuration.poll, retries: 0 } };
  await world.exporter.reload();
  world.simulator.script.always('user_count', plainError(-1));
  const before = world.simulator.requests.count('user_count');
  await world.polled(2);
  expect(world.simulator.requests.count('user_count')).toBe(before + 1);
});
