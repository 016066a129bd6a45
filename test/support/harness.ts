import type { Configuration, OrganizationConfiguration } from '../../src/config/configuration.ts';
import type { Transport } from '../../src/dingtalk/transport.ts';
import { Exporter } from '../../src/exporter.ts';
import type { LogFields, Logger } from '../../src/log.ts';
import type { OrganizationState } from '../../src/polling/organization-state.ts';
import { ManualClock } from './manual-clock.ts';

export interface LogLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger that keeps its lines. */
export class LogRecord implements Logger {
  readonly lines: LogLine[] = [];
  debug = this.#at('debug');
  info = this.#at('info');
  warn = this.#at('warn');
  error = this.#at('error');

  #at(level: keyof Logger) {
    return (message: string, fields: LogFields = {}): void =>
      void this.lines.push({ level, message, fields });
  }

  messages(level: keyof Logger): string[] {
    return this.lines.filter((line) => line.level === level).map(({ message }) => message);
  }
}

/** One turn of the event loop, in which all pending callbacks of promises run. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** An internal app, and the name of the organization that it reads. */
interface App {
  readonly name: string;
  readonly origin: string;
  readonly clientId: string;
  readonly secret: string;
}

export interface HarnessOptions {
  readonly poll?: Partial<Configuration['poll']>;
  /** Each random number; 0.5 unless given. */
  readonly random?: () => number;
  readonly processMetrics?: boolean;
}

/** How far `until` advances the clock: a month (ms). */
const LONGEST_WAIT = 30 * 86_400_000;

/** A whole exporter on a clock that a test advances from timer to timer. */
export abstract class Harness {
  readonly clock: ManualClock;
  exporter!: Exporter;
  /** The configuration of the next reload, or its error. */
  nextConfiguration: Configuration | Error = new Error('no configuration was prepared');
  readonly #options: HarnessOptions;

  constructor(options: HarnessOptions, clock = new ManualClock()) {
    this.#options = options;
    this.clock = clock;
  }

  /** Resolves once nothing more can happen before the clock advances. */
  abstract settle(): Promise<void>;

  /** An organization's configuration: the defaults, and what is given. */
  protected defaults(
    { name, origin, clientId, secret }: App,
    parts: Partial<OrganizationConfiguration>,
  ): OrganizationConfiguration {
    return {
      name,
      endpoints: { api: origin, oapi: origin },
      credentials: { kind: 'internal_app', clientId, clientSecret: { kind: 'inline', value: secret } },
      pollInterval: 1_800_000,
      failureInterval: 300_000,
      maxStaleness: 5_460_000,
      ...parts,
    };
  }

  /** Secrets must be inline, because files are read in real time: see test/faults/secret-file.test.ts. */
  configure(organizations: readonly OrganizationConfiguration[]): Configuration {
    return {
      poll: {
        timeout: 60_000,
        requestTimeout: 10_000,
        retries: 3,
        rateLimit: 20,
        concurrency: 50,
        ...this.#options.poll,
      },
      organizations,
    };
  }

  /** Advances the clock, and settles at each timer. */
  async advance(duration: number): Promise<void> {
    const end = this.clock.monotonicTime() + duration;
    for (;;) {
      const left = end - this.clock.monotonicTime();
      const next = this.clock.untilNextTimer;
      if (next === undefined || next > left) {
        this.clock.advance(left);
        return;
      }
      this.clock.advance(next);
      await this.settle();
    }
  }

  /** Advances the clock from timer to timer until the condition holds. */
  async until(condition: () => boolean, what = 'the condition'): Promise<void> {
    const end = this.clock.monotonicTime() + LONGEST_WAIT;
    await this.settle();
    while (!condition()) {
      const next = this.clock.untilNextTimer;
      if (next === undefined) throw new Error(`${what}: does not hold, and no timer is pending`);
      if (this.clock.monotonicTime() + next > end) throw new Error(`${what}: does not hold within a month`);
      this.clock.advance(next);
      await this.settle();
    }
  }

  stateOf(name: string): OrganizationState {
    const state = this.exporter.organizations().find((one) => one.name === name);
    if (state === undefined) throw new Error(`${name} is not known`);
    return state;
  }

  async metrics(): Promise<string> {
    return (await this.exporter.exposition()).toString('utf8');
  }

  /** The lines of the exposition that begin so. */
  async samples(start: string): Promise<string[]> {
    return (await this.metrics()).split('\n').filter((line) => line.startsWith(start));
  }

  protected buildExporter(configuration: Configuration, transport: Transport, logger: Logger): void {
    this.exporter = new Exporter({
      configuration,
      load: async () => {
        if (this.nextConfiguration instanceof Error) throw this.nextConfiguration;
        return this.nextConfiguration;
      },
      transport,
      clock: this.clock,
      random: this.#options.random ?? (() => 0.5),
      logger,
      build: { version: '1.2.3', revision: 'abcdef', nodeVersion: 'v20.19.0' },
      processMetrics: this.#options.processMetrics ?? false,
    });
  }
}
