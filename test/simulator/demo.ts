import type { Clock, Timer } from '../../src/clock.ts';
import type { Answer } from './answers.ts';
import { late } from './deliveries.ts';
import type { SimulatedOrganization } from './organizations.ts';
import { Course, type Headcount } from './people.ts';
import { honest, newStyleError, plainError, tooManyRequests, wrappedError } from './replies.ts';
import type { Exchange } from './script.ts';
import { type Simulator, startSimulator } from './simulator.ts';

export interface DemoOptions {
  readonly clock: Clock;
  /** A number from 0 to below 1, as `Math.random` makes them. */
  readonly random: () => number;
}

/** What a configuration needs to look into a simulated organization. The credentials open nothing else. */
export interface DemoOrganization {
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Only a third-party app has one. */
  readonly corpId: string | undefined;
  /** The numbers of this moment. */
  readonly headcount: Readonly<Headcount>;
}

export interface Demo {
  /** Where both APIs of the simulated DingTalk are served. */
  readonly origin: string;
  readonly organizations: readonly DemoOrganization[];
  close(): Promise<void>;
}

/** No call fails before the demo is this old (ms), and before an organization was counted that often. */
const GRACE_TIME = 15_000;
const GRACE_CALLS = 6;

/** People come and go every 1.5 to 4.5 s. */
const SHORTEST_STEP = 1500;
const LONGEST_STEP = 4500;

/** About every 25th step begins an episode in which the permission of one organization is missing (ms). */
const EPISODE_CHANCE = 0.04;
const SHORTEST_EPISODE = 12_000;
const LONGEST_EPISODE = 20_000;

/** How often a single counting call fails in one of several ways, most of which a client mends by calling again. */
const BUSY_CHANCE = 0.02;
const THROTTLE_CHANCE = 0.01;
const BROKEN_CHANCE = 0.01;
const SLOW_CHANCE = 0.01;

const missingPermission = wrappedError(
  '60011',
  'no permission to access this interface, the scope qyapi_get_member is required',
);

class RunningDemo implements Demo {
  readonly organizations: readonly DemoOrganization[];
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #simulator: Simulator;
  readonly #startedAt: number;
  readonly #simulated: readonly SimulatedOrganization[];
  readonly #courses: readonly Course[];
  #episode: { readonly organization: SimulatedOrganization; readonly endsAt: number } | undefined;
  #timer: Timer;

  constructor(simulator: Simulator, { clock, random }: DemoOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#simulator = simulator;
    this.#startedAt = clock.monotonicTime();
    const named: readonly (readonly [string, SimulatedOrganization])[] = [
      [
        '星河科技',
        simulator.apps.addThirdPartyApp({
          clientId: 'suite-demo',
          clientSecret: 'demo-secret-of-suite-demo',
          corpId: 'ding-demo-xinghe',
          employees: 1240,
          active: 1132,
        }),
      ],
      [
        'Nordwind Studio',
        simulator.apps.addInternalApp({
          appKey: 'ding-demo-nordwind',
          appSecret: 'demo-secret-of-ding-demo-nordwind',
          employees: 86,
          active: 82,
        }),
      ],
      [
        'Aurora Logistics',
        simulator.apps.addInternalApp({
          appKey: 'ding-demo-aurora',
          appSecret: 'demo-secret-of-ding-demo-aurora',
          employees: 14_300,
          active: 10_868,
        }),
      ],
    ];
    this.organizations = named.map(([name, organization]) => ({
      name,
      clientId: organization.clientId,
      clientSecret: organization.clientSecret,
      corpId: organization.corpId,
      headcount: organization,
    }));
    this.#simulated = named.map(([, organization]) => organization);
    this.#courses = this.#simulated.map((organization) => new Course(organization, random));
    simulator.script.always({}, (exchange) => this.#answer(exchange));
    this.#timer = this.#setTimer();
  }

  get origin(): string {
    return this.#simulator.origin;
  }

  async close(): Promise<void> {
    this.#timer.cancel();
    await this.#simulator.close();
  }

  #setTimer(): Timer {
    const step = (): void => {
      for (const course of this.#courses) course.step();
      this.#beginOrEndEpisode();
      this.#timer = this.#setTimer();
    };
    return this.#clock.setTimer(step, this.#between(SHORTEST_STEP, LONGEST_STEP));
  }

  #beginOrEndEpisode(): void {
    const now = this.#clock.monotonicTime();
    if (this.#episode !== undefined) {
      if (now >= this.#episode.endsAt) this.#episode = undefined;
    } else if (this.#random() < EPISODE_CHANCE) {
      const organization = this.#simulated[Math.floor(this.#random() * this.#simulated.length)];
      if (organization === undefined || !this.#isSettled(organization)) return;
      this.#episode = { organization, endsAt: now + this.#between(SHORTEST_EPISODE, LONGEST_EPISODE) };
    }
  }

  #answer(exchange: Exchange): Answer | undefined {
    const { organization, endpoint } = exchange.received;
    if (endpoint !== 'user_count' || organization === undefined || !this.#isSettled(organization)) {
      return exchange.honest();
    }
    if (organization === this.#episode?.organization) return missingPermission(exchange);
    let luck = this.#random();
    const strikes = (chance: number): boolean => {
      luck -= chance;
      return luck < 0;
    };
    if (strikes(BUSY_CHANCE)) return plainError(-1, 'System busy')(exchange);
    if (strikes(THROTTLE_CHANCE)) return tooManyRequests()(exchange);
    if (strikes(BROKEN_CHANCE)) return newStyleError(500, 'internalError', 'internal error')(exchange);
    const delay = strikes(SLOW_CHANCE) ? this.#between(1000, 3000) : this.#between(15, 90);
    return late(delay, honest)(exchange);
  }

  #isSettled(organization: SimulatedOrganization): boolean {
    return (
      this.#clock.monotonicTime() - this.#startedAt >= GRACE_TIME &&
      this.#simulator.requests.count({ endpoint: 'user_count', organization }) > GRACE_CALLS
    );
  }

  #between(least: number, most: number): number {
    return least + (most - least) * this.#random();
  }
}

/**
 * Starts a simulated DingTalk with three organizations that change every few seconds, and that fail now and then
 * once the first polls have gone well. Their numbers, names and secrets are invented.
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const simulator = await startSimulator({ clock: options.clock, keptRequests: 100 });
  return new RunningDemo(simulator, options);
}
