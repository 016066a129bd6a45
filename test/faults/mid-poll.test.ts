import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { after } from '../simulator/deliveries.ts';
import { honest } from '../simulator/replies.ts';
import { Scene, STAGES, type Stage } from './scene.ts';
import { expectSurvived } from './story.ts';

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

describe('a secret in a file', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'secret-'));
    file = join(folder, 'secret');
    await writeFile(file, 'acme-secret\n');
    scene.configure({
      credentials: {
        kind: 'internal_app',
        clientId: 'dingacme',
        clientSecret: { kind: 'file', path: file },
      },
    });
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each(STAGES)(
    'may be gone: credentials, no call at all, and well once it is back (%s)',
    async (stage) => {
      const { world } = scene;
      const arrived = () => STAGES.map((each) => scene.arrived(each));
      let before: number[] = [];
      // Without it no token is fetched; the calls behind that are not reached.
      await expectSurvived(scene, stage, {
        title: 'a secret file that is gone',
        reason: 'credentials',
        begin: () => {
          before = arrived();
          rmSync(file);
        },
        end: () => {
          expect(arrived()).toEqual(before);
          writeFileSync(file, 'acme-secret');
        },
      });
      const [line] = world.log.lines.filter(({ level }) => level === 'warn');
      expect(line?.fields['error']).toContain(`secret file ${file}: it does not exist`);
    },
  );

  it.each(['all', 'active'] as const)(
    'may go during the call for %s: the token at hand is enough',
    async (stage) => {
      const { world } = scene;
      during(stage, () => rmSync(file));
      world.exporter.start();
      await world.polled(1);
      await scene.expectShown(FIRST_PAIR);
      await world.polled(2);
      await scene.expectFailed('credentials');
      await scene.expectShown(FIRST_PAIR);
      await scene.expectBystanderUntouched();

      writeFileSync(file, 'acme-secret');
      await world.polled(3);
      expect(world.state.lastPoll?.failure).toBeUndefined();
    },
  );

  it.each(['all', 'active'] as const)(
    'may be rotated during the call for %s: the new one is read',
    async (stage) => {
      const { world } = scene;
      during(stage, () => {
        world.acme.clientSecret = 'rotated-secret';
        world.simulator.apps.revokeTokens(world.acme);
        writeFileSync(file, 'rotated-secret\n');
      });
      world.exporter.start();
      await world.polled(1);
      expect(world.state.lastPoll?.failure).toBeUndefined();
      await scene.expectShown(FIRST_PAIR);
      const secrets = world.simulator.requests
        .kept(scene.target('token'))
        .map(({ body }) => JSON.parse(body).appSecret);
      expect(secrets).toEqual(['acme-secret', 'rotated-secret']);
      await scene.expectBystanderUntouched();
    },
  );

  it.each(STAGES)(
    'may be rotated at DingTalk first, during the call for %s: credentials, until the file has it',
    async (stage) => {
      const { world } = scene;
      during(stage, () => {
        world.acme.clientSecret = 'rotated-secret';
        world.simulator.apps.revokeTokens(world.acme);
      });
      world.exporter.start();
      await world.polled(1);
      await scene.expectFailed('credentials');
      await scene.expectShown(undefined);
      await scene.expectBystanderUntouched();

      writeFileSync(file, 'rotated-secret\n');
      await world.polled(2);
      await scene.expectShown(FIRST_PAIR);
    },
  );
});
