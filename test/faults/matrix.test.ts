import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FAULTS, ODD_BUT_RIGHT } from './faults.ts';
import { Scene, STAGES } from './scene.ts';
import { expectSurvived } from './story.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.create();
});
afterEach(() => scene.close());

describe.each(STAGES)('at the call for %s', (stage) => {
  it.each(FAULTS)('$title: $reason, and nothing else is touched', (fault) =>
    expectSurvived(scene, stage, fault),
  );

  it.each(ODD_BUT_RIGHT)('$title: no fault at all', async ({ behavior }) => {
    const { world } = scene;
    scene.script(stage, behavior(stage));
    world.exporter.start();
    const { lastPoll } = await world.polled(1);

    expect(lastPoll?.failure).toBeUndefined();
    await scene.expectShown({ employees: 1240, active: 1100 });
    expect(scene.arrived(stage)).toBe(1);
  });
});
