import type { Clock } from '../../src/clock.ts';
import type { Configuration, OrganizationConfiguration } from '../../src/config/configuration.ts';
import type { ApiResponse, OutgoingCall, Transport } from '../../src/dingtalk/transport.ts';
import type { Logger } from '../../src/log.ts';
import { type Endpoint, honestAnswer, onlyActiveOf, organizationOf, readCall } from '../simulator/calls.ts';
import { SimulatedDingTalk } from '../simulator/dingtalk.ts';
import type { SimulatedOrganization } from '../simulator/organizations.ts';
import type { Answer as SimulatedAnswer } from '../simulator/replies.ts';
import { Harness, type HarnessOptions, LogRecord, nextTurn } from './harness.ts';

/** A call, as DingTalk sees it. */
export interface ReadCall {
  readonly endpoint: Endpoint;
  readonly onlyActive: boolean | undefined;
  readonly organization: SimulatedOrganization | undefined;
  readonly outgoing: OutgoingCall;
  /** What DingTalk would answer. A token call issues a token by it. */
  honest(): ApiResponse;
}

/** The result of a call: an answer, a network error, or no answer until the caller aborts. */
export type Response = ApiResponse | Error | 'silence';

export interface InProcessOptions {
  /** Decides about each call instead of the script. */
  readonly respond?: (call: ReadCall) => Response;
  /** Milliseconds from the start of a call to its arrival, and from there to the answer. */
  readonly latency?: () => readonly [arrival: number, answer: number];
  /** Called at each arrival. */
  readonly onArrival?: (call: ReadCall) => void;
  /** Called when a call starts, and when it has ended, with an answer or not. */
  readonly onStart?: (call: ReadCall) => void;
  readonly onEnd?: (call: ReadCall) => void;
}

/** A simulated DingTalk without sockets: it is the transport of the exporter. */
export class InProcessDingTalk extends SimulatedDingTalk implements Transport {
  readonly origin = 'https://dingtalk.test';
  readonly #clock: Clock;
  readonly #options: InProcessOptions;
  readonly #arrived = { token: 0, user_count: 0, other: 0 };
  readonly #lastSecond: number[] = [];
  /** The most calls that arrived in any one second, its end not included. */
  busiestSecond = 0;
  inFlight = 0;
  /** How many calls have ended, with an answer or not. */
  ended = 0;

  constructor(clock: Clock, options: InProcessOptions = {}) {
    super(clock);
    this.#clock = clock;
    this.#options = options;
  }

  /** How many calls arrived. */
  arrived(endpoint: Endpoint): number {
    return this.#arrived[endpoint];
  }

  async post(outgoing: OutgoingCall, signal: AbortSignal): Promise<ApiResponse> {
    const { latency, onStart, onEnd, respond } = this.#options;
    const call = this.#read(outgoing);
    // As the real transport does: a signal must be freed even though something listens to it.
    signal.addEventListener('abort', () => undefined, { once: true });
    this.inFlight += 1;
    onStart?.(call);
    try {
      const [arrival, back] = latency?.() ?? [0, 0];
      if (arrival > 0) await this.#pause(arrival, signal);
      this.#countArrival(call);
      const response = respond === undefined ? await this.#exchange(outgoing, signal) : respond(call);
      if (response === 'silence') await this.#pause(Number.POSITIVE_INFINITY, signal);
      else if (back > 0) await this.#pause(back, signal);
      if (response === 'silence' || response instanceof Error) throw response;
      return response;
    } finally {
      this.inFlight -= 1;
      this.ended += 1;
      onEnd?.(call);
    }
  }

  async close(): Promise<void> {}

  #read(outgoing: OutgoingCall): ReadCall {
    const { url, body, contentType } = outgoing;
    const call = readCall(url, { 'content-type': contentType }, body);
    return {
      endpoint: call.endpoint,
      onlyActive: onlyActiveOf(call),
      organization: organizationOf(call, this.apps),
      outgoing,
      honest: () => asText(honestAnswer(call, this.apps, { received: { requestId: 'r' } })),
    };
  }

  #countArrival(call: ReadCall): void {
    this.#arrived[call.endpoint] += 1;
    const now = this.#clock.monotonicTime();
    this.#lastSecond.push(now);
    while (now - (this.#lastSecond[0] ?? now) >= 1000) this.#lastSecond.shift();
    this.busiestSecond = Math.max(this.busiestSecond, this.#lastSecond.length);
    this.#options.onArrival?.(call);
  }

  /** The scripted answer to a call. */
  #exchange({ url, body, contentType }: OutgoingCall, signal: AbortSignal): Promise<ApiResponse> {
    return new Promise((resolve, reject) => {
      const listeners: (() => void)[] = [];
      const close = (): void => {
        signal.removeEventListener('abort', giveUp);
        for (const listener of listeners) listener();
      };
      const giveUp = (): void => {
        reject(signal.reason);
        close();
      };
      signal.addEventListener('abort', giveUp);
      this.receive({
        method: 'POST',
        url,
        headers: { 'content-type': contentType },
        body,
        stall: () => undefined,
        send: (answer) => {
          resolve(asText(answer));
          close();
        },
        onClose: (listener) => void listeners.push(listener),
        get response(): never {
          throw new Error('this DingTalk has no socket: give World the network "sockets"');
        },
      });
    });
  }

  #pause(duration: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        timer?.cancel();
        reject(signal.reason);
      };
      const goOn = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const timer = duration === Number.POSITIVE_INFINITY ? undefined : this.#clock.setTimer(goOn, duration);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
}

function asText({ status, headers, body }: SimulatedAnswer): ApiResponse {
  return { status, headers, text: Buffer.from(body).toString('utf8') };
}

/** The client id and the secret of an organization's own app: fit for a configuration, whatever the name is. */
export const clientIdOf = (name: string): string => `ding-${encodeURIComponent(name)}`;
export const secretOf = (name: string): string => `secret-of-${encodeURIComponent(name)}`;

/** Keeps only the messages above `info`, because a year of polls has many others. */
class Warnings extends LogRecord {
  override debug = (): void => undefined;
  override info = (): void => undefined;
}

export interface InProcessWorldOptions extends HarnessOptions, InProcessOptions {
  readonly logger?: Logger;
  /** Called whenever nothing more can happen before the clock advances. */
  readonly onSettled?: () => void;
}

/** A whole exporter and any number of organizations in one process, without sockets. */
export class InProcessWorld extends Harness {
  readonly dingtalk: InProcessDingTalk;
  readonly #options: InProcessWorldOptions;
  readonly #log = new Warnings();

  constructor(options: InProcessWorldOptions = {}) {
    super(options);
    this.#options = options;
    this.dingtalk = new InProcessDingTalk(this.clock, options);
  }

  /** The messages above `info`, where no logger was given. */
  get warnings(): { readonly lines: readonly string[] } {
    return { lines: this.#log.lines.map(({ message }) => message) };
  }

  /** The configuration of the next reload, or its error. */
  set next(configuration: Configuration | Error) {
    this.nextConfiguration = configuration;
  }

  /** An organization with an internal app of its own: the defaults, and what is given. */
  organization(name: string, parts: Partial<OrganizationConfiguration> = {}): OrganizationConfiguration {
    return this.defaults(
      { name, origin: this.dingtalk.origin, clientId: clientIdOf(name), secret: secretOf(name) },
      parts,
    );
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

  async start(configuration: Configuration): Promise<void> {
    this.buildExporter(configuration, this.dingtalk, this.#options.logger ?? this.#log);
    this.exporter.start();
    await this.settle();
  }

  /** Everything waits for the clock alone, so one turn of the event loop is enough. */
  async settle(): Promise<void> {
    await nextTurn();
    this.#options.onSettled?.();
  }

  /** The value of a sample, by its whole text in front of the value. */
  async sample(series: string): Promise<number | undefined> {
    const [line] = await this.samples(`${series} `);
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  }
}
