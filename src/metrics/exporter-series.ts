import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { SentRequest } from '../dingtalk/call.ts';
import { ENDPOINTS, type Endpoint, REASONS } from '../dingtalk/reason.ts';

/** The labels of `dingtalk_exporter_build_info`. */
export interface BuildInfo {
  readonly version: string;
  readonly revision: string;
  readonly nodeVersion: string;
}

/** The metrics of the exporter itself: its calls to DingTalk, its configuration, its build. */
export class ExporterSeries {
  readonly registry = new Registry();
  readonly #requests = new Counter({
    name: 'dingtalk_api_requests_total',
    help: 'Requests sent to DingTalk.',
    labelNames: ['endpoint'],
    registers: [this.registry],
  });
  readonly #retries = new Counter({
    name: 'dingtalk_api_request_retries_total',
    help: 'Requests to DingTalk that were repeated after a failure or an inconsistent pair of counts.',
    labelNames: ['endpoint'],
    registers: [this.registry],
  });
  readonly #failures = new Counter({
    name: 'dingtalk_api_request_failures_total',
    help: `Requests sent to DingTalk that failed, by reason: ${REASONS.join(', ')}.`,
    labelNames: ['endpoint', 'reason'],
    registers: [this.registry],
  });
  readonly #durations = new Histogram({
    name: 'dingtalk_api_request_duration_seconds',
    help: 'Duration of the requests sent to DingTalk, failed ones included.',
    labelNames: ['endpoint'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });
  readonly #reloadSuccessful = new Gauge({
    name: 'dingtalk_config_last_reload_successful',
    help: 'Whether the last load of the configuration succeeded (1) or not (0).',
    registers: [this.registry],
  });
  readonly #reloadedAt = new Gauge({
    name: 'dingtalk_config_last_reload_success_timestamp_seconds',
    help: 'Unix time of the last load of the configuration that succeeded.',
    registers: [this.registry],
  });

  readonly #onChange: () => void;

  /** @param onChange called when a value has changed. */
  constructor({ version, revision, nodeVersion }: BuildInfo, onChange: () => void) {
    this.#onChange = onChange;
    const buildInfo = new Gauge({
      name: 'dingtalk_exporter_build_info',
      help: 'What the exporter was built from, and the Node.js that runs it; always 1.',
      labelNames: ['version', 'revision', 'node_version'],
      registers: [this.registry],
    });
    buildInfo.set({ version, revision, node_version: nodeVersion }, 1);
    for (const endpoint of ENDPOINTS) {
      this.#requests.inc({ endpoint }, 0);
      this.#retries.inc({ endpoint }, 0);
      this.#durations.zero({ endpoint });
      for (const reason of REASONS) this.#failures.inc({ endpoint, reason }, 0);
    }
  }

  /** Counts a request that was sent, when it has ended. */
  requestEnded({ endpoint, duration, reason }: SentRequest): void {
    this.#requests.inc({ endpoint });
    this.#durations.observe({ endpoint }, duration / 1000);
    if (reason !== undefined) this.#failures.inc({ endpoint, reason });
    this.#onChange();
  }

  requestRetried(endpoint: Endpoint): void {
    this.#retries.inc({ endpoint });
    this.#onChange();
  }

  /** @param wallTime milliseconds since the epoch. */
  configurationLoaded(wallTime: number): void {
    this.#reloadSuccessful.set(1);
    this.#reloadedAt.set(wallTime / 1000);
    this.#onChange();
  }

  configurationRefused(): void {
    this.#reloadSuccessful.set(0);
    this.#onChange();
  }
}
