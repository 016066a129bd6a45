import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { after } from '../simulator/deliveries.ts';
import { honest } from '../simulator/replies.ts';
import { Scene, STAGES, type Stage } from './scene.ts';

const HOUR = 3_600_000;
const FIRST_PAIR = { employees: 1240, active: 1100 };

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.create();
});
afterEach(() => scene.close());

/** Does something while the stage's next call is under way, before it is answered. */
function during(stage: Stage, deed: () => void): void {
  scene.world.simulator.script.once(scene.target(stage), after(deed, honest));
}

describe.each(STAGES)('during the call for %s', (stage) => {
  it.each([
    ['an hour forward', HOUR],
    ['an hour back', -HOUR],
    ['ten years forward', 10 * 365 * 24 * HOUR],
    ['to before the epoch', -100 * 365 * 24 * HOUR],
  ])('the clock may be moved %s: number, age and schedule stay right', async (_title, by) => {
    const { world } = scene;
    during(stage, () => world.clock.stepWallClock(by));
    world.exporter.start();
    const first = await world.polled(1);
    expect(first.lastPoll?.failure).toBeUndefined();
    await scene.expectShown(FIRST_PAIR);
    // Time stamps tell what the clock says; ages do not.
    expect(first.headcount?.readAt).toBe(world.clock.monotonicTime());
    expect(first.lastSuccessAt).toBe(world.clock.wallTime());

    // And back again, within the next poll.
    during(stage, () => world.clock.stepWallClock(-by));
    scene.change({ employees: 1300, active: 1210 });
    const second = await world.polled(2);
    await scene.expectShown({ employees: 1300, active: 1210 });
    const gap = (second.headcount?.readAt ?? 0) - (first.headcount?.readAt ?? 0);
    expect(gap).toBeGreaterThanOrEqual(0.05 * first.pollInterval);
    expect(gap).toBeLessThanOrEqual(1.05 * first.pollInterval);
    await scene.expectBystanderUntouched();
  });

  it('the tokens may be revoked: one more is fetched, and the poll succeeds', async () => {
    const { world } = scene;
    const { apps } = world.simulator;
    // At the token's own call it is revoked once it has been handed out.
    world.simulator.script.once(scene.target(stage), (exchange) => {
      const answer = exchange.honest();
      apps.revokeTokens(world.acme);
      return stage === 'token' ? answer : exchange.honest();
    });
    world.exporter.start();
    const { lastPoll } = await world.polled(1);

    expect(lastPoll?.failure).toBeUndefined();
    await scene.expectShown(FIRST_PAIR);
    expect(STAGES.map((each) => scene.arrived(each))).toEqual(stage === 'active' ? [2, 1, 2] : [2, 2, 1]);
    await scene.expectBystanderUntouched();
  });
});

describe.each(['all', 'active'] as const)('during the call for %s', (stage) => {
  it('every new token may be refused: credentials, and never more than one repetition', async () => {
    const { world } = scene;
    let isRefused = true;
    world.simulator.script.always(scene.target(stage), (exchange) => {
      if (isRefused) world.simulator.apps.revokeTokens(world.acme);
      return exchange.honest();
    });
    world.exporter.start();
    await world.polled(1);
    await scene.expectFailed('credentials');
    await scene.expectShown(undefined);
    expect(STAGES.map((each) => scene.arrived(each))).toEqual(stage === 'active' ? [2, 1, 2] : [2, 2, 0]);

    isRefused = false;
    await world.polled(2);
    await scene.expectShown(FIRST_PAIR);
  });
});
