import { expect } from 'vitest';
import type { OrganizationConfiguration } from '../../src/config/configuration.ts';
import type { Reason } from '../../src/dingtalk/reason.ts';
import type { SimulatedOrganization } from '../simulator/organizations.ts';
import type { Behavior, RequestFilter } from '../simulator/script.ts';
import { World, type WorldOptions } from '../support/world.ts';
import { Front, type KeyPair } from './front.ts';

/** The three calls of a poll. */
export const STAGES = ['token', 'all', 'active'] as const;

export type Stage = (typeof STAGES)[number];

/** A pair of counts, as the simulator tells it. */
export interface Pair {
  readonly employees: number;
  readonly active: number;
}

/** The tokens of `acme` are over before its next poll, so that each poll makes all three calls. */
const SHORT_TOKEN_LIFE = 40_000;

/**
 * A world with `acme`, whose way to DingTalk is broken, and `bystander`, whose way is not: an organization of
 * its own app at another host.
 */
export class Scene {
  readonly world: World;
  /** The way of `acme` to the new-style API, and to the old-style one. */
  readonly api: Front;
  readonly oapi: Front;
  readonly bystander: SimulatedOrganization;

  private constructor(world: World, api: Front, oapi: Front, bystander: SimulatedOrganization) {
    this.world = world;
    this.api = api;
    this.oapi = oapi;
    this.bystander = bystander;
  }

  /** @param keys with them, the ways of `acme` speak TLS. */
  static async create(options: WorldOptions = {}, keys?: KeyPair): Promise<Scene> {
    const world = await World.create({ ...options, network: 'sockets' });
    const { origin, apps } = world.simulator;
    const bystander = apps.addInternalApp({
      appKey: 'dingbystander',
      appSecret: 'bystander-secret',
      employees: 77,
      active: 70,
    });
    world.acme.tokenLifetime = SHORT_TOKEN_LIFE;
    const scene = new Scene(world, await Front.open(origin, keys), await Front.open(origin, keys), bystander);
    scene.configure({});
    return scene;
  }

  /** Begins anew, with other settings for `acme`. */
  configure(acme: Partial<OrganizationConfiguration>): void {
    const { world } = this;
    world.configuration = world.configure([
      world.organization({
        endpoints: { api: this.api.origin, oapi: this.oapi.origin },
        pollInterval: 300_000,
        failureInterval: 300_000,
        maxStaleness: 3_600_000,
        ...acme,
      }),
      world.organization({
        name: 'bystander',
        endpoints: { api: world.simulator.origin, oapi: world.simulator.origin },
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

  /** The way that a stage's call takes. */
  front(stage: Stage): Front {
    return stage === 'token' ? this.api : this.oapi;
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

  /** What DingTalk counts from now on. */
  change(pair: Pair): void {
    Object.assign(this.world.acme, pair);
  }

  /** `acme` shows this pair, whole, or nothing. */
  async expectShown(pair: Pair | undefined): Promise<void> {
    const { world } = this;
    const label = '{organization="acme"}';
    const lines = await Promise.all([
      world.samples(`dingtalk_employees${label}`),
      world.samples(`dingtalk_employees_active${label}`),
    ]);
    expect(lines.flat()).toEqual(
      pair === undefined
        ? []
        : [
            `dingtalk_employees${label} ${pair.employees}`,
            `dingtalk_employees_active${label} ${pair.active}`,
          ],
    );
  }

  /** The poll of `acme` failed for this reason and no other, and everything that says so says the same. */
  async expectFailed(reason: Reason): Promise<void> {
    const { world } = this;
    expect(world.state.lastPoll?.failure).toMatchObject({ reason });
    expect(await world.samples('dingtalk_up{organization="acme"}')).toEqual([
      'dingtalk_up{organization="acme"} 0',
    ]);
    expect(await world.samples('dingtalk_poll_error')).toEqual([
      `dingtalk_poll_error{organization="acme",reason="${reason}"} 1`,
    ]);
  }

  /** `bystander` is polled as ever, and shows what DingTalk counts now. */
  async expectBystanderUntouched(): Promise<void> {
    const { world, bystander } = this;
    bystander.employees += 1;
    bystander.active += 1;
    // The poll that is under way may have read the old number.
    await world.polled(world.stateOf('bystander').polls + 2, 'bystander');
    const state = world.stateOf('bystander');
    expect(state.pollFailures).toBe(0);
    expect(state.headcount).toMatchObject({ employees: bystander.employees, active: bystander.active });
    expect(world.exporter.healthy()).toBe(true);
  }

  async close(): Promise<void> {
    await this.world.close();
    await Promise.all([this.api.close(), this.oapi.close()]);
  }
}
