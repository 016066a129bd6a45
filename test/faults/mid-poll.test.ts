import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { after } from '../simulator/deliveries.ts';
import { Scene, STAGES } from './scene.ts';

const HOUR = 3_600_000;
const PAIR = { employees: 1240, active: 1100 };

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.create();
});
afterEach(() => scene.close());

describe.each(STAGES)('during the call for %s', (stage) => {
  it.each([
    ['an hour forward', HOUR],
    ['to before the epoch', -100 * 365 * 24 * HOUR],
  ])('the wall clock may step %s', async (_title, by) => {
    const { world } = scene;
    const step = after(() => world.clock.stepWallClock(by));
    world.simulator.script.once(scene.target(stage), step);
    world.exporter.start();
    const { headcount, lastSuccessAt, pollInterval } = await world.polled(1);
    await scene.expectShown(PAIR);
    expect(lastSuccessAt).toBe(world.clock.wallTime());
    expect(headcount?.readAt).toBe(world.clock.monotonicTime());

    await world.polled(2);
    const gap = world.clock.monotonicTime() - (headcount?.readAt ?? 0);
    expect(gap).toBeGreaterThanOrEqual(0.05 * pollInterval);
    expect(gap).toBeLessThanOrEqual(1.05 * pollInterval);
  });

  it('a revoked token is fetched once more, and the poll succeeds', async () => {
    const { world } = scene;
    const { apps } = world.simulator;
    // The token of the token call is revoked as soon as it is issued.
    world.simulator.script.once(scene.target(stage), (exchange) => {
      const answer = exchange.honest();
      apps.revokeTokens(world.acme);
      return stage === 'token' ? answer : exchange.honest();
    });
    world.exporter.start();
    await world.polled(1);

    await scene.expectShown(PAIR);
    expect(STAGES.map((each) => scene.arrived(each))).toEqual(stage === 'active' ? [2, 1, 2] : [2, 2, 1]);
  });
});

it.each([
  ['all', [2, 2, 0]],
  ['active', [2, 1, 2]],
] as const)(
  'where each new token is refused at the call for %s, it is credentials after one repetition',
  async (stage, calls) => {
    const { world } = scene;
    scene.script(
      stage,
      after(() => world.simulator.apps.revokeTokens(world.acme)),
    );
    world.exporter.start();
    await world.polled(1);
    await scene.expectFailed('credentials');
    await scene.expectShown(undefined);
    expect(STAGES.map((each) => scene.arrived(each))).toEqual(calls);
  },
);
