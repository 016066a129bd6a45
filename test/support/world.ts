import type { ServerResponse } from 'node:http';
import type { Configuration, OrganizationConfiguration } from '../../src/config/configuration.ts';
import type { Answer } from '../../src/dingtalk/answer.ts';
import { networkTransport, type OutgoingCall, type Transport } from '../../src/dingtalk/transport.ts';
import { Exporter } from '../../src/exporter.ts';
import type { LogFields, Logger } from '../../src/logger.ts';
import type { OrganizationState } from '../../src/polling/organization-state.ts';
import type { Behavior } from '../simulator/script.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { ManualClock } from './manual-clock.ts';

export interface LogLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: LogFields;
}

/** Keeps what was logged. */
export class LogRecord implements Logger {
  readonly lines: LogLine[] = [];
  debug = this.#at('debug');
  info = this.#at('info');
  warn = this.#at('warn');
  error = this.#at('error');

  #at(level: keyof Logger) {
    return (message: string, fields: LogFields = {}): void =>
      void this.lines.push({ level, message, fields });
  }

  messages(level: keyof Logger): string[] {
    return this.lines.filter((line) => line.level === level).map(({ message }) => message);
  }
}

/** The real network, with a count of the calls that are under way. */
class CountingTransport implements Transport {
  readonly #network = networkTransport({ httpsProxy: undefined, noProxy: undefined });
  inFlight = 0;

  async post(call: OutgoingCall, signal: AbortSignal): Promise<Answer> {
    this.inFlight += 1;
    try {
      return await this.#network.post(call, signal);
    } finally {
      this.inFlight -= 1;
    }
  }

  close(): Promise<void> {
    return this.#network.close();
  }
}

export interface WorldOptions {
  readonly poll?: Partial<Configuration['poll']>;
  readonly organization?: Partial<OrganizationConfiguration>;
  /** Each random number; 0.5 unless given. */
  readonly random?: () => number;
  readonly processMetrics?: boolean;
}

/** How often the event loop turns with nothing under way before time moves on. */
const QUIET_TURNS = 25;

/** What Node names the work of the machine that no call of the exporter shows: files and names being looked up. */
const WORK_OF_THE_MACHINE: ReadonlySet<string> = new Set([
  'FSReqCallback',
  'FSReqPromise',
  'CloseReq',
  'GetAddrInfoReqWrap',
]);

/**
 * A whole exporter before a simulated DingTalk: real sockets, and a clock that moves only when nothing is under
 * way, straight to the next timer. Nothing sleeps.
 */
export class World {
  readonly clock = new ManualClock();
  readonly log = new LogRecord();
  readonly #transport = new CountingTransport();
  readonly #options: WorldOptions;
  readonly #stalled = new Set<ServerResponse>();
  simulator!: Simulator;
  exporter!: Exporter;
  configuration!: Configuration;
  /** What a reload will find. */
  nextConfiguration: Configuration | Error = new Error('no configuration was prepared');

  private constructor(options: WorldOptions) {
    this.#options = options;
  }

  /** With one organization, `acme`: 1,240 people, 1,100 of them active. Nothing is polled before `start`. */
  static async create(options: WorldOptions = {}): Promise<World> {
    const world = new World(options);
    world.simulator = await startSimulator({ clock: world.clock });
    world.acme = world.simulator.apps.addInternalApp({
      appKey: 'dingacme',
      appSecret: 'acme-secret',
      employees: 1240,
      active: 1100,
    });
    world.configuration = world.configure([world.organization()]);
    world.build();
    return world;
  }

  acme!: ReturnType<Simulator['apps']['addInternalApp']>;

  /** An organization's configuration: that of `acme` but for what is given. */
  organization(parts: Partial<OrganizationConfiguration> = {}): OrganizationConfiguration {
    return {
      name: 'acme',
      endpoints: { api: this.simulator.origin, oapi: this.simulator.origin },
      credentials: {
        kind: 'internal_app',
        clientId: 'dingacme',
        clientSecret: { kind: 'inline', value: 'acme-secret' },
      },
      pollInterval: 1_800_000,
      failureInterval: 300_000,
      maxStaleness: 5_460_000,
      ...this.#options.organization,
      ...parts,
    };
  }

  configure(organizations: readonly OrganizationConfiguration[]): Configuration {
    return {
      poll: {
        timeout: 60_000,
        requestTimeout: 10_000,
        retries: 3,
        rateLimit: 20,
        concurrency: 50,
        ...this.#options.poll,
      },
      organizations,
    };
  }

  /** Makes the exporter anew, of `configuration`. */
  build(): void {
    this.exporter = new Exporter({
      configuration: this.configuration,
      load: async () => {
        if (this.nextConfiguration instanceof Error) throw this.nextConfiguration;
        return this.nextConfiguration;
      },
      transport: this.#transport,
      clock: this.clock,
      random: this.#options.random ?? (() => 0.5),
      logger: this.log,
      build: { version: '1.2.3', revision: 'abcdef', nodeVersion: 'v20.19.0' },
      processMetrics: this.#options.processMetrics ?? false,
    });
  }

  /**
   * Marks a behavior that keeps its caller waiting: while nothing but such calls is under way, time moves on,
   * to the caller's deadline or to the moment of the answer.
   */
  stalling(behavior: Behavior): Behavior {
    return (exchange) => {
      const { response } = exchange;
      this.#stalled.add(response);
      response.on('close', () => this.#stalled.delete(response));
      return behavior(exchange);
    };
  }

  /** Turns the event loop, and moves time to the next timer whenever nothing is under way, until it is so. */
  async until(condition: () => boolean, what = 'the condition'): Promise<void> {
    let quiet = 0;
    for (let turn = 0; turn < 1_000_000; turn += 1) {
      if (condition()) return;
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.#isBusy() ? 0 : quiet + 1;
      const next = this.clock.untilNextTimer;
      if (quiet >= QUIET_TURNS && next !== undefined) {
        this.clock.advance(next);
        quiet = 0;
      }
    }
    throw new Error(`${what} did not come to be`);
  }

  /** Turns the event loop until nothing is under way; time stands still. */
  async quiet(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#isBusy()) quiet = 0;
    }
  }

  #isBusy(): boolean {
    let waiting = 0;
    for (const response of this.#stalled) if (!response.writableEnded) waiting += 1;
    return (
      this.#transport.inFlight > waiting ||
      process.getActiveResourcesInfo().some((kind) => WORK_OF_THE_MACHINE.has(kind))
    );
  }

  get state(): OrganizationState {
    return this.stateOf('acme');
  }

  stateOf(name: string): OrganizationState {
    const state = this.exporter.organizations().find((one) => one.name === name);
    if (state === undefined) throw new Error(`${name} is not known`);
    return state;
  }

  /** Goes on until an organization's n-th poll has ended. */
  async polled(polls = 1, name = 'acme'): Promise<OrganizationState> {
    await this.until(() => this.stateOf(name).polls >= polls, `poll ${polls} of ${name}`);
    return this.stateOf(name);
  }

  async metrics(): Promise<string> {
    return (await this.exporter.exposition()).toString('utf8');
  }

  /** The lines of the exposition that begin so. */
  async samples(start: string): Promise<string[]> {
    return (await this.metrics()).split('\n').filter((line) => line.startsWith(start));
  }

  async close(): Promise<void> {
    await this.exporter.close();
    await this.simulator.close();
  }
}
