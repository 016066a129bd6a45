import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import type { OrganizationState } from '../polling/organization-state.ts';
import { OrganizationSeries } from './organization-series.ts';

/** Milliseconds between two samples of the process metrics. */
const PROCESS_SAMPLE_INTERVAL = 1000;

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

/** The text of `/metrics`, rendered when a value has changed. */
export class Exposition {
  readonly #options: ExpositionOptions;
  readonly #organizations = new OrganizationSeries();
  readonly #processRegistry: Registry | undefined;
  #processSampledAt = -Infinity;
  #processText = '';
  #text: Buffer | undefined;
  #rendering: Promise<Buffer> | undefined;
  /** Counts the changes of values. */
  #changes = 0;

  constructor(options: ExpositionOptions) {
    this.#options = options;
    this.#processRegistry = options.processMetrics ? processRegistry() : undefined;
  }

  /** To be called when a value has changed. */
  invalidate(): void {
    this.#text = undefined;
    this.#changes += 1;
  }

  /** The current text: the same buffer until it changes. A promise is resolved in the same turn of the event loop. */
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
      // prom-client renders asynchronously: a value may have changed meanwhile.
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

/** The metrics of the process. */
function processRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of REJECTED) registry.removeSingleMetric(name);
  return registry;
}
