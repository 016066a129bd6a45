import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FAULTS, ODD_BUT_RIGHT } from './faults.ts';
import { Scene, STAGES } from './scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.create();
});
afterEach(() => scene.close());

describe.each(STAGES)('at the call for %s', (stage) => {
  it.each(FAULTS)('$title: $reason, and nothing else is touched', async (fault) => {
    const { world } = scene;
    const before = { employees: 1240, active: 1100 };

    // A first poll that fails shows nothing.
    await fault.begin(scene, stage);
    world.exporter.start();
    await world.polled(1);
    await scene.expectFailed(fault.reason);
    await scene.expectShown(undefined);

    await fault.end(scene, stage);
    await world.polled(2);
    await scene.expectShown(before);

    // A later one leaves the last pair as it was, whole.
    const after = { employees: 1300, active: 1210 };
    scene.change(after);
    await fault.begin(scene, stage);
    await world.polled(3);
    await scene.expectFailed(fault.reason);
    await scene.expectShown(before);
    await scene.expectBystanderUntouched();

    await fault.end(scene, stage);
    await world.polled(4);
    await scene.expectShown(after);
    expect(await world.samples('dingtalk_poll_error')).toEqual([]);
  });

  it.each(ODD_BUT_RIGHT)('$title: no fault at all', async ({ behavior }) => {
    const { world } = scene;
    scene.script(stage, world.stalling(behavior(stage)));
    world.exporter.start();
    const { lastPoll } = await world.polled(1);

    expect(lastPoll?.failure).toBeUndefined();
    await scene.expectShown({ employees: 1240, active: 1100 });
    expect(scene.arrived(stage)).toBe(1);
  });
});
