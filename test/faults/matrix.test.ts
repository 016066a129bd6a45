import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FAULTS, UNUSUAL } from './faults.ts';
import { Scene } from './scene.ts';

const BEFORE = { employees: 1240, active: 1100 };
const AFTER = { employees: 1300, active: 1210 };

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.create();
});
afterEach(() => scene.close());

// The two calls that count are made alike.
describe.each(['token', 'active'] as const)('at the call for %s', (stage) => {
  it.each(FAULTS)('$title: $reason, and only for this organization', async ({ behavior, reason }) => {
    const { world } = scene;
    const { script, requests } = world.simulator;

    // A first poll that fails shows no counts.
    scene.script(stage, behavior);
    world.exporter.start();
    await world.polled(1);
    await scene.expectFailed(reason);
    await scene.expectShown(undefined);

    script.clear();
    await world.polled(2);
    await scene.expectShown(BEFORE);

    // A later one keeps the last pair.
    Object.assign(world.acme, AFTER);
    scene.script(stage, behavior);
    await world.polled(3);
    await scene.expectFailed(reason);
    await scene.expectShown(BEFORE);
    await scene.expectBystanderUntouched();

    script.clear();
    await world.polled(4);
    await scene.expectShown(AFTER);
    expect(await world.samples('dingtalk_poll_error')).toEqual([]);
    // No redirect was followed.
    expect(requests.count('other')).toBe(0);
  });

  it.each(UNUSUAL)('$title: no failure', async ({ behavior }) => {
    scene.script(stage, behavior);
    scene.world.exporter.start();
    const { lastPoll } = await scene.world.polled(1);

    expect(lastPoll?.failure).toBeUndefined();
    await scene.expectShown(BEFORE);
    expect(scene.arrived(stage)).toBe(1);
  });
});
