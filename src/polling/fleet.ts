import type { OrganizationConfiguration } from '../config/configuration.ts';
import { type MonitorOptions, OrganizationMonitor } from './organization-monitor.ts';
import type { OrganizationState } from './organization-state.ts';

/** The monitors of all organizations. At a reload, organizations that remain keep their headcount and schedule. */
export class Fleet {
  readonly #options: MonitorOptions;
  #monitors: ReadonlyMap<string, OrganizationMonitor> = new Map();

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  /** Monitors these organizations, and no others. */
  apply(organizations: readonly OrganizationConfiguration[]): void {
    const before = this.#monitors;
    const after = new Map<string, OrganizationMonitor>();
    for (const organization of organizations) {
      const key = identityOf(organization);
      const known = before.get(key);
      const monitor = known ?? new OrganizationMonitor(organization, this.#options);
      after.set(key, monitor);
      if (known === undefined) monitor.start();
      else known.reconfigure(organization);
    }
    for (const [key, monitor] of before) if (!after.has(key)) monitor.cancel();
    this.#monitors = after;
    this.#options.onChange();
  }

  /** The state of each organization, in the order of the configuration. */
  states(): readonly OrganizationState[] {
    return Array.from(this.#monitors.values(), (monitor) => monitor.state);
  }

  /** True while no poll is overdue or hangs. */
  isAlive(): boolean {
    return Array.from(this.#monitors.values()).every((monitor) => monitor.isAlive());
  }

  /** True once every organization's first poll has ended. */
  allPolled(): boolean {
    return this.states().every(({ lastPoll }) => lastPoll !== undefined);
  }

  /** Resolves when every organization's first poll has ended; no other polls follow. */
  async firstPolls(): Promise<void> {
    await Promise.all(
      Array.from(this.#monitors.values(), async (monitor) => {
        await monitor.idle();
        monitor.cancel();
      }),
    );
  }

  /** No further polls; resolves when the calls in flight have ended. */
  async drain(): Promise<void> {
    await Promise.all(Array.from(this.#monitors.values(), (monitor) => monitor.drain()));
  }

  /** No further polls; calls in flight are aborted. */
  cancel(): void {
    for (const monitor of this.#monitors.values()) monitor.cancel();
  }
}

/** Configurations with the same identity are the same organization, which keeps its headcount. */
function identityOf({ name, endpoints, credentials }: OrganizationConfiguration): string {
  const clientId = 'clientId' in credentials ? credentials.clientId : '';
  const corpId = 'corpId' in credentials ? credentials.corpId : '';
  return JSON.stringify([name, endpoints.api, endpoints.oapi, clientId, corpId]);
}
