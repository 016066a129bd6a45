import type { Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import type { SentRequest } from '../dingtalk/call.ts';
import type { Endpoint } from '../dingtalk/reason.ts';
import { PiecedText } from '../pieces/pieced-text.ts';
import { TextPiece } from '../pieces/text-piece.ts';
import type { OrganizationState } from '../polling/organization-state.ts';
import type { ExporterSeries } from './exporter-series.ts';
import { OrganizationSeries } from './organization-series.ts';
import { processRegistry } from './process-series.ts';

/** Milliseconds: the metrics of the process are not sampled more often. */
const PROCESS_SAMPLE_INTERVAL = 1000;

/** Bytes: a text from this size on is not copied into one buffer, but stays in pieces. */
const LARGE = 65_536;

/** The exposition: one buffer, or a large one in pieces. Nobody changes it. */
export type ExpositionBody = Buffer | PiecedText;

/**
 * The text of `/metrics`, kept ready: it is put together anew only when something in it has changed, so a
 * scrape costs what sending the bytes costs.
 */
export class Exposition {
  readonly #clock: Clock;
  readonly #organizations = new OrganizationSeries();
  readonly #exporter: ExporterSeries;
  readonly #process: Registry | undefined;
  #body: ExpositionBody | undefined;
  #rendering: Promise<ExpositionBody> | undefined;
  #exporterText: Promise<string> | undefined;
  #processSampledAt = -Infinity;
  #processText = '';

  /** @param withProcess whether the metrics of the process are part of the text. */
  constructor(clock: Clock, exporter: ExporterSeries, withProcess: boolean) {
    this.#clock = clock;
    this.#exporter = exporter;
    this.#process = withProcess ? processRegistry() : undefined;
  }

  organizationChanged(state: OrganizationState): void {
    this.#organizations.update(state);
    this.#body = undefined;
  }

  organizationRemoved(name: string): void {
    this.#organizations.remove(name);
    this.#body = undefined;
  }

  requestEnded(request: SentRequest): void {
    this.#exporter.requestEnded(request);
    this.#exporterChanged();
  }

  requestRetried(endpoint: Endpoint): void {
    this.#exporter.requestRetried(endpoint);
    this.#exporterChanged();
  }

  /** @param wallTime milliseconds since the epoch. */
  configurationLoaded(wallTime: number): void {
    this.#exporter.configurationLoaded(wallTime);
    this.#exporterChanged();
  }

  configurationRefused(): void {
    this.#exporter.configurationRefused();
    this.#exporterChanged();
  }

  /** The exposition as it is now: at hand, or within the same turn of the event loop. The same text is the same value. */
  body(): ExpositionBody | Promise<ExpositionBody> {
    if (this.#body !== undefined && !this.#processSampleIsOld()) return this.#body;
    this.#rendering ??= this.#render().finally(() => {
      this.#rendering = undefined;
    });
    return this.#rendering;
  }

  async #render(): Promise<ExpositionBody> {
    if (this.#process !== undefined && this.#processSampleIsOld()) {
      this.#processSampledAt = this.#clock.monotonicTime();
      this.#processText = `\n${await this.#process.metrics()}`;
    }
    for (;;) {
      this.#exporterText ??= this.#exporter.registry.metrics();
      const rendering = this.#exporterText;
      const exporterText = await rendering;
      // Where something was counted meanwhile, the text is of a moment that has passed.
      if (rendering !== this.#exporterText) continue;
      // Nothing is awaited between here and the test above, so the text is of one moment.
      const pieces = [...this.#organizations.pieces(), new TextPiece(exporterText + this.#processText)];
      const text = new PiecedText(pieces);
      this.#body = text.length < LARGE ? text.toBuffer() : text;
      return this.#body;
    }
  }

  #processSampleIsOld(): boolean {
    return (
      this.#process !== undefined &&
      this.#clock.monotonicTime() - this.#processSampledAt >= PROCESS_SAMPLE_INTERVAL
    );
  }

  #exporterChanged(): void {
    this.#exporterText = undefined;
    this.#body = undefined;
  }
}
