import { expect } from 'vitest';
import type { Reason } from '../../src/dingtalk/reason.ts';
import type { Scene, Stage } from './scene.ts';

/** Something that goes wrong between `acme` and DingTalk, for as long as it lasts. */
export interface Fault {
  readonly title: string;
  /** What a poll fails for. */
  readonly reason: Reason;
  /** From the stage's next call on. */
  begin(scene: Scene, stage: Stage): void | Promise<void>;
  /** All is as it was before. */
  end(scene: Scene, stage: Stage): void | Promise<void>;
}

/**
 * What must hold with any fault: no wrong number, both or neither, the right reason, the process alive, the
 * bystander untouched, and recovered at the next poll.
 */
export async function expectSurvived(scene: Scene, stage: Stage, fault: Fault): Promise<void> {
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
}
