import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Hold } from '../src/simulator/hold.ts';
import { World } from './support/world.ts';

describe('a reload', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  it('never takes readiness back, also where nobody has asked before', async () => {
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
});
