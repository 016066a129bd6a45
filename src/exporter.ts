import type { Clock } from './clock.ts';
import type { Configuration } from './config/configuration.ts';
import { DingTalkClient } from './dingtalk/client.ts';
import type { Transport } from './dingtalk/transport.ts';
import { compactHeap } from './heap.ts';
import type { Logger } from './logger.ts';
import { type BuildInfo, ExporterSeries } from './metrics/exporter-series.ts';
import { Exposition, type ExpositionBody } from './metrics/exposition.ts';
import { Fleet } from './polling/fleet.ts';
import type { OrganizationState } from './polling/organization-state.ts';
import { pollHeadcount } from './polling/poll.ts';
import type { Random } from './polling/retry.ts';

/** Milliseconds after which the exporter is ready even if a first poll is still under way. */
const LONGEST_START = 2 * 60_000;

/** Organizations: from so many on, the heap is compacted once they have been read and polled. */
const LARGE_FLEET = 1000;

export interface ExporterOptions {
  /** The configuration to begin with, validated. */
  readonly configuration: Configuration;
  /** Reads the configuration anew, at a reload. @throws Error with every fault in its message. */
  readonly load: () => Promise<Configuration>;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly build: BuildInfo;
  /** Whether `process_*` and `nodejs_*` are part of the exposition. */
  readonly processMetrics: boolean;
}

/** Puts the parts together: polls DingTalk, holds what is known, and has the exposition ready. */
export class Exporter {
  readonly #options: ExporterOptions;
  #configuration: Configuration;
  readonly #exposition: Exposition;
  readonly #client: DingTalkClient;
  readonly #fleet: Fleet;
  readonly #startedAt: number;
  #ready = false;
  #stopped = false;
  #reloading: Promise<void> = Promise.resolve();

  constructor(options: ExporterOptions) {
    const { configuration, clock, random, logger, transport } = options;
    this.#options = options;
    this.#configuration = configuration;
    this.#startedAt = clock.monotonicTime();
    this.#exposition = new Exposition(clock, new ExporterSeries(options.build), options.processMetrics);
    this.#client = new DingTalkClient({
      transport,
      clock,
      limits: configuration.poll,
      onRequest: (request) => this.#exposition.requestEnded(request),
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
          onRetry: (endpoint) => this.#exposition.requestRetried(endpoint),
        }),
      tokenExpiresAt: (organization) => this.#client.tokenExpiresAt(organization),
      onChange: (state) => this.#exposition.organizationChanged(state),
      onRemove: (name) => this.#exposition.organizationRemoved(name),
    });
    this.#exposition.configurationLoaded(clock.wallTime());
  }

  /** Begins to poll. */
  start(): void {
    this.#apply();
  }

  /** Polls each organization once and no more. @returns whether every poll succeeded. */
  async pollOnce(): Promise<boolean> {
    this.start();
    await this.#fleet.firstPolls();
    this.#fleet.cancel();
    return this.#fleet
      .states()
      .every(({ lastPoll }) => lastPoll !== undefined && lastPoll.failure === undefined);
  }

  /** The text of `/metrics` as it is now. */
  async exposition(): Promise<Buffer> {
    const body = await this.#exposition.body();
    return Buffer.isBuffer(body) ? body : body.toBuffer();
  }

  /** The same, as it is held: whole or in pieces, and the very same while nothing has changed. */
  expositionBody(): ExpositionBody | Promise<ExpositionBody> {
    return this.#exposition.body();
  }

  /** What is known of each organization, in the order of the configuration. */
  organizations(): readonly OrganizationState[] {
    return this.#fleet.states();
  }

  /** True while the polls go on as they should. */
  healthy(): boolean {
    return this.#fleet.isAlive();
  }

  /** True once every organization was polled, or after two minutes; a reload never takes it back. */
  ready(): boolean {
    this.#ready ||=
      this.#options.clock.monotonicTime() - this.#startedAt >= LONGEST_START || this.#fleet.allPolled();
    return this.#ready;
  }

  /**
   * Reads the configuration anew and swaps it whole. One reload runs at a time.
   *
   * @throws Error with the reason; the old configuration goes on then.
   */
  reload(): Promise<void> {
    const reload = this.#reloading.then(() => this.#reload());
    this.#reloading = reload.catch(() => {
      // Told to whoever asked for that reload; the next one begins afresh.
    });
    return reload;
  }

  /** Polls no more; resolves when the calls in flight have ended. */
  async drain(): Promise<void> {
    this.#stopped = true;
    await this.#fleet.drain();
  }

  /** Cuts what is still in flight. */
  async close(): Promise<void> {
    this.#stopped = true;
    this.#fleet.cancel();
    await this.#client.close();
  }

  async #reload(): Promise<void> {
    const { load, logger, clock } = this.#options;
    let configuration: Configuration;
    try {
      configuration = await load();
    } catch (error) {
      this.#exposition.configurationRefused();
      logger.error('reload failed, the old configuration goes on', {
        error: error instanceof Error ? error.message : String(error),
      });
      throw error;
    }
    if (this.#stopped) throw new Error('the exporter is shutting down');
    // Whether or not anybody has asked: who was ready stays so, whatever is added.
    this.ready();
    this.#configuration = configuration;
    this.#client.setLimits(configuration.poll);
    this.#client.retainTokens(configuration.organizations);
    this.#apply();
    this.#exposition.configurationLoaded(clock.wallTime());
    logger.info('configuration reloaded', { organizations: configuration.organizations.length });
  }

  #apply(): void {
    const { organizations } = this.#configuration;
    this.#fleet.apply(organizations);
    if (organizations.length >= LARGE_FLEET) void this.#clearAway();
  }

  /** What reading and first polling thousands of organizations leaves behind is several times what stays. */
  async #clearAway(): Promise<void> {
    await this.#fleet.firstPolls();
    if (!this.#stopped) compactHeap();
  }
}
