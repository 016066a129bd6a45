import type { Configuration, OrganizationConfiguration } from '../../src/config/configuration.ts';
import {
  type ApiResponse,
  networkTransport,
  type OutgoingCall,
  type Transport,
} from '../../src/dingtalk/transport.ts';
import type { OrganizationState } from '../../src/polling/organization-state.ts';
import type { SimulatedDingTalk } from '../simulator/dingtalk.ts';
import type { SimulatedOrganization } from '../simulator/organizations.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { Harness, type HarnessOptions, LogRecord, nextTurn } from './harness.ts';
import { InProcessDingTalk } from './in-process.ts';
import { ManualClock } from './manual-clock.ts';
import { DEADLINE } from './until.ts';

export { LogRecord } from './harness.ts';

export interface WorldOptions extends HarnessOptions {
  readonly organization?: Partial<OrganizationConfiguration>;
  /** The connection between the exporter and DingTalk; `in-process`, the default, is much faster. */
  readonly network?: 'in-process' | 'sockets';
}

/** The exporter's network. */
interface Network {
  readonly dingtalk: SimulatedDingTalk & { readonly origin: string; close(): Promise<void> };
  readonly transport: Transport;
  /** Resolves once nothing more can happen before the clock advances. */
  settle(): Promise<void>;
}

/**
 * Real sockets. Each call has its number in its URL, so that both ends know which calls are under way: the clock may
 * advance once every call in flight has arrived and is stalled there.
 */
class SocketNetwork implements Network, Transport {
  readonly dingtalk: Simulator;
  readonly transport = this;
  readonly #network = networkTransport({ httpsProxy: undefined, noProxy: undefined });
  readonly #inFlight = new Set<string>();
  #calls = 0;
  #changed: () => void = () => undefined;

  constructor(dingtalk: Simulator) {
    this.dingtalk = dingtalk;
    dingtalk.onChange = () => this.#changed();
  }

  async post(call: OutgoingCall, signal: AbortSignal): Promise<ApiResponse> {
    this.#calls += 1;
    const id = String(this.#calls);
    const url = new URL(call.url);
    url.searchParams.set(CALL_ID, id);
    this.#inFlight.add(id);
    try {
      return await this.#network.post({ ...call, url }, signal);
    } finally {
      this.#inFlight.delete(id);
      this.#changed();
    }
  }

  async settle(): Promise<void> {
    await nextTurn();
    while (!this.#isAtRest()) {
      await this.#change();
      await nextTurn();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void =>
        reject(
          new Error(`${this.#inFlight.size} calls are in flight, and neither end nor wait for the clock`),
        );
      const timer = setTimeout(giveUp, DEADLINE);
      this.#changed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #isAtRest(): boolean {
    const waiting = new Set<string | null>();
    for (const { url, response, stalled } of this.dingtalk.open) {
      if (stalled && !response.writableEnded) waiting.add(url.searchParams.get(CALL_ID));
      else return false;
    }
    return waiting.size === this.#inFlight.size && [...this.#inFlight].every((id) => waiting.has(id));
  }
}

const CALL_ID = 'call_of_the_test';

/** A whole exporter that polls a simulated DingTalk. The clock advances only when nothing else can happen. */
export class World extends Harness {
  readonly log = new LogRecord();
  readonly simulator: Network['dingtalk'];
  /** An internal app: 1,240 people, 1,100 of them active. */
  readonly acme: SimulatedOrganization;
  configuration: Configuration;
  readonly #network: Network;
  readonly #options: WorldOptions;

  private constructor(options: WorldOptions, clock: ManualClock, network: Network) {
    super(options, clock);
    this.#options = options;
    this.#network = network;
    this.simulator = network.dingtalk;
    this.acme = this.simulator.apps.addInternalApp({
      appKey: 'dingacme',
      appSecret: 'acme-secret',
      employees: 1240,
      active: 1100,
    });
    this.configuration = this.configure([this.organization()]);
    this.build();
  }

  /** With one organization, `acme`. Nothing is polled before `exporter.start()`. */
  static async create(options: WorldOptions = {}): Promise<World> {
    const clock = new ManualClock();
    if (options.network === 'sockets') {
      return new World(options, clock, new SocketNetwork(await startSimulator({ clock })));
    }
    const dingtalk = new InProcessDingTalk(clock);
    return new World(options, clock, { dingtalk, transport: dingtalk, settle: nextTurn });
  }

  /** An organization's configuration: that of `acme` but for what is given. */
  organization(parts: Partial<OrganizationConfiguration> = {}): OrganizationConfiguration {
    const { origin } = this.simulator;
    return this.defaults(
      { name: 'acme', origin, clientId: 'dingacme', secret: 'acme-secret' },
      { ...this.#options.organization, ...parts },
    );
  }

  /** Replaces the exporter by a new one with `configuration`. */
  build(): void {
    this.buildExporter(this.configuration, this.#network.transport, this.log);
  }

  settle(): Promise<void> {
    return this.#network.settle();
  }

  get state(): OrganizationState {
    return this.stateOf('acme');
  }

  /** Advances the clock until an organization's n-th poll has ended. */
  async polled(polls = 1, name = 'acme'): Promise<OrganizationState> {
    await this.until(() => this.stateOf(name).polls >= polls, `poll ${polls} of ${name}`);
    return this.stateOf(name);
  }

  async close(): Promise<void> {
    this.exporter.close();
    await this.simulator.close();
  }
}
