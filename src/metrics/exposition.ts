import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import type { OrganizationState } from '../polling/organization-state.ts';
import { OrganizationSeries } from './organization-series.ts';

/** Milliseconds: the metrics of the process are not sampled more often. */
const PROCESS_SAMPLE_INTERVAL = 1000;

/** Gauges of prom-client that `promtool check metrics` rejects: only a counter may end in `_total`. */
const REJECTED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

export interface ExpositionOptions {
  readonly clock: Clock;
  /** What is known of each organization, in the order of the exposition. */
  readonly states: () => readonly OrganizationState[];
  /** The metrics of the exporter's own work. */
  readonly exporterRegistry: Registry;
  /** Whether `process_*` and `nodejs_*` are part of the text. */
  readonly processMetrics: boolean;
}

/** The text of `/metrics`, put together anew only when something in it has changed. */
export class Exposition {
  readonly #options: ExpositionOptions;
  readonly #organizations = new OrganizationSeries();
  readonly #processRegistry: Registry | undefined;
  #processSampledAt = -Infinity;
  #processText = '';
  #text: Buffer | undefined;
  #rendering: Promise<Buffer> | undefined;
  /** How often a value has changed. */
  #changes = 0;

  constructor(options: ExpositionOptions) {
    this.#options = options;
    this.#processRegistry = options.processMetrics ? processRegistry() : undefined;
  }

  /** To be called whenever a value has changed. */
  invalidate(): void {
    this.#text = undefined;
    this.#changes += 1;
  }

  /** The text as it is now; a promise is resolved within the same turn of the event loop. The same text is the same buffer. */
  text(): Buffer | Promise<Buffer> {
    if (this.#text !== undefined && !this.#isProcessSampleDue()) return this.#text;
    this.#rendering ??= this.#render().finally(() => {
      this.#rendering = undefined;
    });
    return this.#rendering;
  }

  async #render(): Promise<Buffer> {
    const { clock, states, exporterRegistry } = this.#options;
    if (this.#processRegistry !== undefined && this.#isProcessSampleDue()) {
      this.#processSampledAt = clock.monotonicTime();
      this.#processText = `\n${await this.#processRegistry.metrics()}`;
    }
    let changes: number;
    let exporterText: string;
    do {
      changes = this.#changes;
      exporterText = await exporterRegistry.metrics();
      // prom-client renders asynchronously: what changed meanwhile must not be missing.
    } while (changes !== this.#changes);
    this.#text = Buffer.concat([
      ...this.#organizations.render(states()),
      Buffer.from(exporterText + this.#processText),
    ]);
    return this.#text;
  }

  #isProcessSampleDue(): boolean {
    return (
      this.#processRegistry !== undefined &&
      this.#options.clock.monotonicTime() - this.#processSampledAt >= PROCESS_SAMPLE_INTERVAL
    );
  }
}

/** The metrics of the process itself, as prom-client has them. */
function processRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of REJECTED) registry.removeSingleMetric(name);
  return registry;
}
