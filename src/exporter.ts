import type { Clock } from './clock.ts';
import type { Configuration } from './config/configuration.ts';
import { DingTalkClient } from './dingtalk/client.ts';
import type { Transport } from './dingtalk/transport.ts';
import type { Logger } from './log.ts';
import { type BuildInfo, ExporterSeries } from './metrics/exporter-series.ts';
import { Exposition } from './metrics/exposition.ts';
import { Fleet } from './polling/fleet.ts';
import type { OrganizationState } from './polling/organization-state.ts';
import { pollHeadcount } from './polling/poll.ts';
import type { Random } from './polling/retry.ts';

/** Milliseconds after which the exporter is ready even if some first polls have not ended. */
const READY_TIMEOUT = 2 * 60_000;

export interface ExporterOptions {
  /** The initial configuration. */
  readonly configuration: Configuration;
  /** Reads the configuration for a reload. @throws Error with every fault in its message. */
  readonly load: () => Promise<Configuration>;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly build: BuildInfo;
  /** Whether to expose `process_*` and `nodejs_*`. */
  readonly processMetrics: boolean;
}

/** Polls DingTalk, holds the results and renders the exposition: all parts but configuration and web server. */
export class Exporter {
  readonly #options: ExporterOptions;
  #configuration: Configuration;
  readonly #client: DingTalkClient;
  readonly #fleet: Fleet;
  readonly #series: ExporterSeries;
  readonly #exposition: Exposition;
  readonly #startedAt: number;
  #ready = false;
  #stopped = false;
  #reloading: Promise<void> = Promise.resolve();

  constructor(options: ExporterOptions) {
    const { configuration, clock, random, logger, transport, build, processMetrics } = options;
    this.#options = options;
    this.#configuration = configuration;
    this.#startedAt = clock.monotonicTime();
    const onChange = (): void => this.#exposition.invalidate();
    this.#series = new ExporterSeries(build, onChange);
    this.#exposition = new Exposition({
      clock,
      states: () => this.#fleet.states(),
      exporterRegistry: this.#series.registry,
      processMetrics,
    });
    this.#client = new DingTalkClient({
      transport,
      clock,
      limits: configuration.poll,
      onRequest: (request) => this.#series.requestEnded(request),
    });
    this.#fleet = new Fleet({
      clock,
      logger,
      pollTimeout: () => this.#configuration.poll.timeout,
      poll: (organization, run) =>
        pollHeadcount(organization, this.#client, {
          run,
          retries: this.#configuration.poll.retries,
          random,
          onRetry: (endpoint) => this.#series.requestRetried(endpoint),
        }),
      tokenExpiresAt: (organization) => this.#client.tokenExpiresAt(organization),
      onChange,
    });
    this.#series.configurationLoaded(clock.wallTime());
  }

  start(): void {
    this.#fleet.apply(this.#configuration.organizations);
  }

  /** Polls each organization once and no more. @returns whether every poll succeeded. */
  async pollOnce(): Promise<boolean> {
    this.start();
    await this.#fleet.firstPolls();
    return this.organizations().every(
      ({ lastPoll }) => lastPoll !== undefined && lastPoll.failure === undefined,
    );
  }

  /** The current text of `/metrics`; the same buffer until it changes. */
  exposition(): Buffer | Promise<Buffer> {
    return this.#exposition.text();
  }

  /** The state of each organization, in the order of the configuration. */
  organizations(): readonly OrganizationState[] {
    return this.#fleet.states();
  }

  /** True while polls begin and end when they should. */
  healthy(): boolean {
    return this.#fleet.isAlive();
  }

  /** True once every organization was polled, or after two minutes; it stays true. */
  ready(): boolean {
    this.#ready ||=
      this.#options.clock.monotonicTime() - this.#startedAt >= READY_TIMEOUT || this.#fleet.allPolled();
    return this.#ready;
  }

  /**
   * Reads the configuration and replaces the old one. One reload runs at a time.
   *
   * @throws Error with the reason; the old configuration then stays in use.
   */
  reload(): Promise<void> {
    const reload = this.#reloading.then(() => this.#reload());
    this.#reloading = reload.catch(() => {
      // The caller of that reload receives the error; the next reload runs anyway.
    });
    return reload;
  }

  /** No further polls; resolves when the calls in flight have ended. */
  async drain(): Promise<void> {
    this.#stopped = true;
    await this.#fleet.drain();
  }

  /** Aborts the calls in flight. */
  close(): void {
    this.#stopped = true;
    this.#fleet.cancel();
  }

  async #reload(): Promise<void> {
    const { load, logger, clock } = this.#options;
    let configuration: Configuration;
    try {
      configuration = await load();
    } catch (error) {
      this.#series.configurationRefused();
      logger.error('reload failed, the old configuration stays in use', {
        error: error instanceof Error ? error.message : String(error),
      });
      throw error;
    }
    if (this.#stopped) throw new Error('the exporter is shutting down');
    // Once ready, organizations that the reload adds do not change that.
    this.ready();
    this.#configuration = configuration;
    this.#client.setLimits(configuration.poll);
    this.#client.retainTokens(configuration.organizations);
    this.#fleet.apply(configuration.organizations);
    this.#series.configurationLoaded(clock.wallTime());
    logger.info('configuration reloaded', { organizations: configuration.organizations.length });
  }
}
