import { expect } from 'vitest';
import type { Reason } from '../../src/dingtalk/reason.ts';
import type { SimulatedOrganization } from '../simulator/organizations.ts';
import type { Behavior, RequestFilter } from '../simulator/script.ts';
import { World } from '../support/world.ts';

/** The three calls of a poll. */
export const STAGES = ['token', 'all', 'active'] as const;

export type Stage = (typeof STAGES)[number];

export interface Pair {
  readonly employees: number;
  readonly active: number;
}

/** The tokens of `acme` expire before its next poll, so that each poll makes all three calls. */
const SHORT_TOKEN_LIFE = 40_000;

/** A world over real sockets with `acme`, whose calls fail, and `bystander`, whose calls do not. */
export class Scene {
  readonly world: World;
  readonly #bystander: SimulatedOrganization;

  private constructor(world: World) {
    this.world = world;
    this.#bystander = world.simulator.apps.addInternalApp({
      appKey: 'dingbystander',
      appSecret: 'bystander-secret',
      employees: 77,
      active: 70,
    });
    world.acme.tokenLifetime = SHORT_TOKEN_LIFE;
    world.configuration = world.configure([
      world.organization({ pollInterval: 300_000, failureInterval: 300_000, maxStaleness: 3_600_000 }),
      world.organization({
        name: 'bystander',
        credentials: {
          kind: 'internal_app',
          clientId: 'dingbystander',
          clientSecret: { kind: 'inline', value: 'bystander-secret' },
        },
        pollInterval: 100_000,
        failureInterval: 100_000,
        maxStaleness: 400_000,
      }),
    ]);
    world.build();
  }

  static async create(): Promise<Scene> {
    return new Scene(await World.create({ network: 'sockets' }));
  }

  /** The calls of `acme` at a stage. */
  target(stage: Stage): RequestFilter {
    const organization = this.world.acme;
    if (stage === 'token') return { endpoint: 'token', organization };
    return { endpoint: 'user_count', onlyActive: stage === 'active', organization };
  }

  /** From now on the simulator treats a stage's calls so. */
  script(stage: Stage, behavior: Behavior): void {
    this.world.simulator.script.always(this.target(stage), behavior);
  }

  /** How many calls of `acme` at a stage have arrived. */
  arrived(stage: Stage): number {
    return this.world.simulator.requests.count(this.target(stage));
  }

  /** The series of `acme` are this pair, or neither. */
  async expectShown(pair: Pair | undefined): Promise<void> {
    const label = '{organization="acme"}';
    const lines = [
      ...(await this.world.samples(`dingtalk_employees${label}`)),
      ...(await this.world.samples(`dingtalk_employees_active${label}`)),
    ];
    const expected = [
      `dingtalk_employees${label} ${pair?.employees}`,
      `dingtalk_employees_active${label} ${pair?.active}`,
    ];
    expect(lines).toEqual(pair === undefined ? [] : expected);
  }

  /** The last poll of `acme` failed for this reason, and no other organization has one. */
  async expectFailed(reason: Reason): Promise<void> {
    expect(this.world.state.lastPoll?.failure).toMatchObject({ reason });
    expect(await this.world.samples('dingtalk_up{organization="acme"}')).toEqual([
      'dingtalk_up{organization="acme"} 0',
    ]);
    expect(await this.world.samples('dingtalk_poll_error')).toEqual([
      `dingtalk_poll_error{organization="acme",reason="${reason}"} 1`,
    ]);
  }

  /** No poll of `bystander` has failed, and its newest counts are read. */
  async expectBystanderUntouched(): Promise<void> {
    const bystander = this.#bystander;
    bystander.employees += 1;
    bystander.active += 1;
    // The poll that is under way may have read the former counts.
    await this.world.polled(this.world.stateOf('bystander').polls + 2, 'bystander');
    const { pollFailures, headcount } = this.world.stateOf('bystander');
    expect(pollFailures).toBe(0);
    expect(headcount).toMatchObject({ employees: bystander.employees, active: bystander.active });
    expect(this.world.exporter.healthy()).toBe(true);
  }

  close(): Promise<void> {
    return this.world.close();
  }
}
