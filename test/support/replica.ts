import { stringify } from 'yaml';
import { systemClock } from '../../src/clock.ts';
import type { SimulatedOrganization } from '../simulator/organizations.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { Folder, Program } from './program.ts';

/** Both counts of an organization. */
export interface Pair {
  readonly employees: number;
  readonly active: number;
}

/** `poll` in the configuration file. */
export type PollConfiguration = Readonly<Record<string, string | number>>;

export interface ReplicaOptions {
  /** The organizations of the simulated DingTalk by name. */
  readonly organizations: Readonly<Record<string, Pair>>;
  readonly poll: PollConfiguration;
  /** Further flags. */
  readonly flags?: readonly string[];
  /** Prepares the simulated DingTalk before it is first called. */
  readonly prepare?: (replica: Replica) => void;
}

/** The built program with a simulated DingTalk of its own. */
export class Replica {
  readonly #folder = new Folder();
  readonly #organizations = new Map<string, SimulatedOrganization>();
  readonly #program: Program;
  #reloads = 0;
  readonly simulator: Simulator;
  /** Where it serves: `host:port`. */
  address = '';

  private constructor(simulator: Simulator, { organizations, poll, flags = [], prepare }: ReplicaOptions) {
    this.simulator = simulator;
    for (const [name, pair] of Object.entries(organizations)) {
      const appKey = `ding${this.#organizations.size}`;
      const app = { appKey, appSecret: `${appKey}-secret`, ...pair };
      this.#organizations.set(name, simulator.apps.addInternalApp(app));
    }
    prepare?.(this);
    const file = this.#configure(poll);
    this.#program = new Program(['--web.listen-address=127.0.0.1:0', `--config.file=${file}`, ...flags]);
  }

  /** Resolves once the program listens; its first polls may still be under way. */
  static async start(options: ReplicaOptions): Promise<Replica> {
    const replica = new Replica(await startSimulator({ clock: systemClock }), options);
    try {
      replica.address = new URL(await replica.#program.origin()).host;
    } catch (error) {
      await replica.stop();
      throw error;
    }
    return replica;
  }

  get port(): string {
    return new URL(`http://${this.address}`).port;
  }

  /** An organization of the simulated DingTalk; its counts may be changed. */
  organization(name: string): SimulatedOrganization {
    const organization = this.#organizations.get(name);
    if (organization === undefined) throw new Error(`no organization is called ${name}`);
    return organization;
  }

  /** Resolves once the program has reloaded its configuration with other settings. */
  async reload(poll: PollConfiguration): Promise<void> {
    this.#configure(poll);
    this.#reloads += 1;
    this.#program.process.kill('SIGHUP');
    await this.#program.logged(/msg="configuration reloaded"/u, this.#reloads);
  }

  async stop(): Promise<void> {
    await this.#program.stop('SIGKILL');
    await this.simulator.close();
    this.#folder.remove();
  }

  #configure(poll: PollConfiguration): string {
    const { origin } = this.simulator;
    const organizations = Array.from(this.#organizations, ([name, { clientId }]) => {
      return { name, client_id: clientId, client_secret: `${clientId}-secret` };
    });
    const configuration = { endpoints: { api: origin, oapi: origin }, poll, organizations };
    return this.#folder.write('exporter.yml', stringify(configuration));
  }
}
