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

/** The configuration's part `poll`, in its own words. */
export type PollConfiguration = Readonly<Record<string, string | number>>;

export interface ReplicaOptions {
  /** What the simulated DingTalk knows, by the name of each organization. */
  readonly organizations: Readonly<Record<string, Pair>>;
  readonly poll: PollConfiguration;
  /** More flags. */
  readonly flags?: readonly string[];
  /** Prepares the simulated DingTalk before it is first called. */
  readonly prepare?: (replica: Replica) => void;
}

/** The built program as it polls a simulated DingTalk of its own. */
export class Replica {
  readonly #folder = new Folder();
  readonly #organizations = new Map<string, SimulatedOrganization>();
  #program: Program | undefined;
  #address: string | undefined;
  #reloads = 0;
  readonly simulator: Simulator;

  private constructor(simulator: Simulator) {
    this.simulator = simulator;
  }

  /** Resolves once the program listens; its first polls may still be under way. */
  static async start(options: ReplicaOptions): Promise<Replica> {
    const replica = new Replica(await startSimulator({ clock: systemClock }));
    try {
      for (const [name, pair] of Object.entries(options.organizations)) {
        replica.#organizations.set(name, replica.#add(pair));
      }
      options.prepare?.(replica);
      const file = replica.#configure(options.poll);
      const flags = ['--web.listen-address=127.0.0.1:0', `--config.file=${file}`, ...(options.flags ?? [])];
      replica.#program = new Program(flags);
      [, replica.#address] = await replica.#program.logged(/msg=listening address=(\S+)/u);
    } catch (error) {
      await replica.stop();
      throw error;
    }
    return replica;
  }

  /** Where it serves: `host:port`. */
  get address(): string {
    if (this.#address === undefined) throw new Error('the program does not listen yet');
    return this.#address;
  }

  get port(): string {
    return new URL(`http://${this.address}`).port;
  }

  /** What the simulated DingTalk knows of an organization; its numbers may be changed. */
  organization(name: string): SimulatedOrganization {
    const organization = this.#organizations.get(name);
    if (organization === undefined) throw new Error(`no organization is called ${name}`);
    return organization;
  }

  /** Other settings for the same organizations; resolves once they rule. */
  async reload(poll: PollConfiguration): Promise<void> {
    if (this.#program === undefined) throw new Error('the program does not run');
    this.#configure(poll);
    this.#reloads += 1;
    this.#program.process.kill('SIGHUP');
    await this.#program.logged(/msg="configuration reloaded"/u, this.#reloads);
  }

  async stop(): Promise<void> {
    await this.#program?.stop('SIGKILL');
    await this.simulator.close();
    this.#folder.remove();
  }

  #add(pair: Pair): SimulatedOrganization {
    const appKey = `ding${this.#organizations.size}`;
    return this.simulator.apps.addInternalApp({ appKey, appSecret: `${appKey}-secret`, ...pair });
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
