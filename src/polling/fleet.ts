import type { OrganizationConfiguration } from '../config/configuration.ts';
import { type MonitorOptions, OrganizationMonitor } from './organization-monitor.ts';
import type { OrganizationState } from './organization-state.ts';

export interface FleetOptions extends MonitorOptions {
  /** Told when an organization was taken out. */
  readonly onRemove: (name: string) => void;
}

/** All organizations that are watched. A reload changes the fleet; what stays keeps its number and schedule. */
export class Fleet {
  readonly #options: FleetOptions;
  #monitors: ReadonlyMap<string, OrganizationMonitor> = new Map();

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Watches just these organizations from now on. */
  apply(organizations: readonly OrganizationConfiguration[]): void {
    const before = this.#monitors;
    const after = new Map<string, OrganizationMonitor>();
    const added: OrganizationMonitor[] = [];
    for (const organization of organizations) {
      const known = before.get(identity(organization));
      known?.reconfigure(organization);
      const monitor = known ?? new OrganizationMonitor(organization, this.#options);
      if (known === undefined) added.push(monitor);
      after.set(identity(organization), monitor);
    }
    for (const [key, monitor] of before) {
      if (after.has(key)) continue;
      monitor.cancel();
      this.#options.onRemove(monitor.organization.name);
    }
    this.#monitors = after;
    for (const monitor of added) monitor.start();
  }

  /** What is known of each, in the order of the configuration. */
  states(): readonly OrganizationState[] {
    return Array.from(this.#monitors.values(), (monitor) => monitor.state);
  }

  /** True while no poll is overdue and none hangs. */
  isAlive(): boolean {
    for (const monitor of this.#monitors.values()) if (!monitor.isAlive()) return false;
    return true;
  }

  /** True once every organization's first poll has ended, well or badly. */
  allPolled(): boolean {
    for (const monitor of this.#monitors.values()) if (monitor.state.lastPoll === undefined) return false;
    return true;
  }

  /** Resolves when every organization's first poll has ended. */
  async firstPolls(): Promise<void> {
    await Promise.all(Array.from(this.#monitors.values(), (monitor) => monitor.idle()));
  }

  /** No further polls; resolves when the calls in flight have ended. */
  async drain(): Promise<void> {
    await Promise.all(Array.from(this.#monitors.values(), (monitor) => monitor.drain()));
  }

  /** No further polls; calls in flight are cut. */
  cancel(): void {
    for (const monitor of this.#monitors.values()) monitor.cancel();
  }
}

/** What makes two configurations speak of the same organization, so that a number may go on. */
function identity({ name, endpoints, credentials }: OrganizationConfiguration): string {
  const clientId = 'clientId' in credentials ? credentials.clientId : '';
  const corpId = 'corpId' in credentials ? credentials.corpId : '';
  return JSON.stringify([name, endpoints.api, endpoints.oapi, clientId, corpId]);
}
