import type { Clock, Timer } from '../../src/clock.ts';
import type { Configuration, OrganizationConfiguration } from '../../src/config/configuration.ts';
import type { Answer } from '../../src/dingtalk/answer.ts';
import type { OutgoingCall, Transport } from '../../src/dingtalk/transport.ts';
import { Exporter } from '../../src/exporter.ts';
import type { Logger } from '../../src/logger.ts';
import type { OrganizationState } from '../../src/polling/organization-state.ts';
import { type Endpoint, honestAnswer, organizationOf, readCall } from '../simulator/calls.ts';
import { Directory, type SimulatedOrganization } from '../simulator/organizations.ts';
import { ManualClock } from './manual-clock.ts';

/** A call, as DingTalk reads it. */
export interface ReadCall {
  readonly endpoint: Endpoint;
  readonly onlyActive: boolean | undefined;
  readonly organization: SimulatedOrganization | undefined;
  readonly outgoing: OutgoingCall;
  /** What DingTalk would answer. A token call hands out a token by it. */
  honest(): Answer;
}

/** What becomes of a call: an answer, an error of the network, or nothing until the caller gives up. */
export type Response = Answer | Error | 'silence';

export interface InProcessOptions {
  readonly respond?: (call: ReadCall) => Response;
  /** Milliseconds from the start of a call to its arrival, and from there to the answer. */
  readonly latency?: () => readonly [arrival: number, answer: number];
  /** Told of each arrival. */
  readonly onArrival?: (call: ReadCall) => void;
  /** Told when a call starts, and when it has ended in whatever way. */
  readonly onStart?: (call: ReadCall) => void;
  readonly onEnd?: (call: ReadCall) => void;
  /** Told whenever everything has gone on as far as it can at one moment. */
  readonly onSettled?: () => void;
}

/**
 * A DingTalk without sockets: the simulator's answers, handed to the exporter as its network. A year of polls
 * over sockets would take hours; what the sockets do is tested elsewhere.
 */
export class InProcessDingTalk implements Transport {
  readonly apps: Directory;
  readonly #clock: Clock;
  readonly #options: InProcessOptions;
  readonly #lastSecond: number[] = [];
  readonly #counts = { token: 0, user_count: 0, other: 0 };
  /** The most calls that arrived in any one second, its end not included. */
  busiestSecond = 0;
  inFlight = 0;
  /** How many calls have ended, in whatever way. */
  ended = 0;

  constructor(clock: Clock, options: InProcessOptions) {
    this.#clock = clock;
    this.#options = options;
    this.apps = new Directory(clock);
  }

  /** How many calls arrived. */
  arrived(endpoint: Endpoint): number {
    return this.#counts[endpoint];
  }

  async post(outgoing: OutgoingCall, signal: AbortSignal): Promise<Answer> {
    const call = this.#read(outgoing);
    this.inFlight += 1;
    this.#options.onStart?.(call);
    try {
      const [arrival, answer] = this.#options.latency?.() ?? [0, 0];
      if (arrival > 0) await this.#pause(arrival, signal);
      const response = this.#arrive(call);
      if (answer > 0 || response === 'silence')
        await this.#pause(response === 'silence' ? Number.POSITIVE_INFINITY : answer, signal);
      if (response === 'silence' || response instanceof Error) throw response;
      return response;
    } finally {
      this.inFlight -= 1;
      this.ended += 1;
      this.#options.onEnd?.(call);
    }
  }

  async close(): Promise<void> {}

  #read(outgoing: OutgoingCall): ReadCall {
    const { url, body, contentType } = outgoing;
    const read = readCall('POST', url, { 'content-type': contentType }, body);
    return {
      endpoint: read.endpoint,
      onlyActive:
        read.endpoint === 'user_count' && typeof read.onlyActive === 'boolean' ? read.onlyActive : undefined,
      organization: organizationOf(read, this.apps),
      outgoing,
      honest: () => {
        const answer = honestAnswer(read, this.apps, 'r');
        return {
          status: answer.status,
          headers: answer.headers,
          text: Buffer.from(answer.body).toString('utf8'),
        };
      },
    };
  }

  #arrive(call: ReadCall): Response {
    this.#note();
    this.#counts[call.endpoint] += 1;
    this.#options.onArrival?.(call);
    return this.#options.respond?.(call) ?? call.honest();
  }

  #note(): void {
    const now = this.#clock.monotonicTime();
    this.#lastSecond.push(now);
    while (now - (this.#lastSecond[0] ?? now) >= 1000) this.#lastSecond.shift();
    this.busiestSecond = Math.max(this.busiestSecond, this.#lastSecond.length);
  }

  #pause(duration: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined;
      const abort = (): void => {
        timer?.cancel();
        reject(signal.reason);
      };
      if (duration < Number.POSITIVE_INFINITY) {
        timer = this.#clock.setTimer(() => {
          signal.removeEventListener('abort', abort);
          resolve();
        }, duration);
      }
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}

/** The client id and the secret of an organization's own app: fit for a configuration, whatever the name is. */
export const clientIdOf = (name: string): string => `ding-${encodeURIComponent(name)}`;
export const secretOf = (name: string): string => `secret-of-${encodeURIComponent(name)}`;

/** Keeps what is worth more than a debug line. */
class Warnings implements Logger {
  readonly lines: string[] = [];
  debug(): void {}
  info(): void {}
  warn(message: string): void {
    this.lines.push(message);
  }
  error(message: string): void {
    this.lines.push(message);
  }
}

export interface InProcessWorldOptions extends InProcessOptions {
  readonly poll?: Partial<Configuration['poll']>;
  readonly random?: () => number;
  readonly logger?: Logger;
}

/** A whole exporter before a DingTalk in the same process. Time moves from timer to timer, and never by itself. */
export class InProcessWorld {
  readonly clock = new ManualClock();
  readonly dingtalk: InProcessDingTalk;
  readonly warnings = new Warnings();
  readonly #options: InProcessWorldOptions;
  #exporter: Exporter | undefined;
  /** What a reload will find. */
  next: Configuration | Error = new Error('no configuration was prepared');

  constructor(options: InProcessWorldOptions = {}) {
    this.#options = options;
    this.dingtalk = new InProcessDingTalk(this.clock, options);
  }

  get exporter(): Exporter {
    if (this.#exporter === undefined) throw new Error('the exporter was not started');
    return this.#exporter;
  }

  /** An organization with an internal app of its own, with every default. */
  organization(name: string, parts: Partial<OrganizationConfiguration> = {}): OrganizationConfiguration {
    return {
      name,
      endpoints: { api: 'https://api.dingtalk.test', oapi: 'https://oapi.dingtalk.test' },
      credentials: {
        kind: 'internal_app',
        clientId: clientIdOf(name),
        clientSecret: { kind: 'inline', value: secretOf(name) },
      },
      pollInterval: 1_800_000,
      failureInterval: 300_000,
      maxStaleness: 5_460_000,
      ...parts,
    };
  }

  /** Its app at DingTalk. */
  addApp(name: string, employees: number, active: number): SimulatedOrganization {
    return this.dingtalk.apps.addInternalApp({
      appKey: clientIdOf(name),
      appSecret: secretOf(name),
      employees,
      active,
    });
  }

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

  async start(configuration: Configuration): Promise<void> {
    this.#exporter = new Exporter({
      configuration,
      load: async () => {
        if (this.next instanceof Error) throw this.next;
        return this.next;
      },
      transport: this.dingtalk,
      clock: this.clock,
      random: this.#options.random ?? (() => 0.5),
      logger: this.#options.logger ?? this.warnings,
      build: { version: '1.2.3', revision: 'abcdef', nodeVersion: 'v20.19.0' },
      processMetrics: false,
    });
    this.exporter.start();
    await this.settle();
  }

  /** Everything goes on as far as it can while time stands still. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#options.onSettled?.();
  }

  /** Moves time on, and lets everything go on at each moment at which something is due. */
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

  stateOf(name: string): OrganizationState {
    const state = this.exporter.organizations().find((one) => one.name === name);
    if (state === undefined) throw new Error(`${name} is not known`);
    return state;
  }

  /** The value of a sample, by its whole text in front of the value. */
  async sample(series: string): Promise<number | undefined> {
    const text = (await this.exporter.exposition()).toString('utf8');
    const line = text.split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  }
}
