import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import type { OrganizationState } from '../polling/organization-state.ts';
import { OrganizationSeries } from './organization-series.ts';

/** Milliseconds: the maximum age of the metrics of the exporter and its process. */
const SAMPLE_INTERVAL = 1000;

/** Gauges of prom-client that `promtool check metrics` rejects: only a counter may end in `_total`. */
const REJECTED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

export interface ExpositionOptions {
  readonly clock: Clock;
  /** The state of each organization, in the order of the exposition. */
  readonly states: () => readonly OrganizationState[];
  /** The metrics of the exporter itself. */
  readonly exporterRegistry: Registry;
  /** Whether to include `process_*` and `nodejs_*`. */
  readonly processMetrics: boolean;
}

/**
 * The text of `/metrics`. It is rendered anew when the state of an organization has changed, and else at most once a
 * second, for the metrics of the exporter and its process.
 */
export class Exposition {
  readonly #options: ExpositionOptions;
  readonly #organizations = new OrganizationSeries();
  readonly #processRegistry: Registry | undefined;
  #sampledAt = -Infinity;
  #processText = '';
  #text: Buffer | undefined;
  #rendering: Promise<Buffer> | undefined;
  #changes = 0;

  constructor(options: ExpositionOptions) {
    this.#options = options;
    this.#processRegistry = options.processMetrics ? processRegistry() : undefined;
  }

  /** To be called when a state has changed. */
  invalidate(): void {
    this.#text = undefined;
    this.#changes += 1;
  }

  /** The current text: the same buffer until it changes. A promise is resolved in the same turn of the event loop. */
  text(): Buffer | Promise<Buffer> {
    if (this.#text !== undefined && !this.#isSampleDue()) return this.#text;
    this.#rendering ??= this.#render().finally(() => {
      this.#rendering = undefined;
    });
    return this.#rendering;
  }

  async #render(): Promise<Buffer> {
    const { clock, states, exporterRegistry } = this.#options;
    if (this.#isSampleDue()) {
      this.#sampledAt = clock.monotonicTime();
      if (this.#processRegistry !== undefined)
        this.#processText = `\n${await this.#processRegistry.metrics()}`;
    }
    let changes: number;
    let exporterText: string;
    do {
      changes = this.#changes;
      exporterText = await exporterRegistry.metrics();
      // prom-client renders asynchronously: a state may have changed meanwhile, and its requests with it.
    } while (changes !== this.#changes);
    this.#text = Buffer.concat([
      ...this.#organizations.render(states()),
      Buffer.from(exporterText + this.#processText),
    ]);
    return this.#text;
  }

  #isSampleDue(): boolean {
    return this.#options.clock.monotonicTime() - this.#sampledAt >= SAMPLE_INTERVAL;
  }
}

/** The metrics of the process. */
function processRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of REJECTED) registry.removeSingleMetric(name);
  return registry;
}
