import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../src/clock.ts';
import { makeAnswer, sendAnswer } from './answers.ts';
import { type Call, type Endpoint, honestAnswer, organizationOf, readCall } from './calls.ts';
import { Listener, type TlsFiles } from './listener.ts';
import { Directory } from './organizations.ts';
import { type RecordedRequest, RequestRecord } from './record.ts';
import { type Exchange, Script } from './script.ts';

export interface SimulatorOptions {
  /** Tokens live and arrivals are noted by it. */
  readonly clock: Clock;
  /** The port of `origin`; 0, the default, picks a free one. */
  readonly port?: number;
  /** Speaks HTTPS with these. */
  readonly tls?: TlsFiles;
  /** Gives the old-style API a host (a port) of its own, as DingTalk does; else both live at `origin`. */
  readonly twoHosts?: boolean;
  /** How many requests are kept whole; 100,000 unless given. */
  readonly keptRequests?: number;
}

/** A handler of a test's own for one path. */
export type Fault = (request: IncomingMessage, response: ServerResponse, exchange: Exchange) => void;

/** A request body above this is refused (bytes). */
const LARGEST_BODY = 1_048_576;

/** Which API a socket serves. */
type Side = 'api' | 'oapi' | 'both';

const SERVED: Readonly<Record<Side, readonly Endpoint[]>> = {
  api: ['token'],
  oapi: ['user_count'],
  both: ['token', 'user_count'],
};

/**
 * A DingTalk to try things on, over a real socket. It answers as the documentation says until its script says
 * otherwise. It is written from the documentation alone, apart from the code that it puts to the test.
 */
export class Simulator {
  /** Who exists, and which tokens are about. */
  readonly apps: Directory;
  /** Which requests are treated otherwise than documented. */
  readonly script = new Script();
  /** What arrived. */
  readonly requests: RequestRecord;
  readonly #clock: Clock;
  readonly #api: Listener;
  readonly #oapi: Listener;
  readonly #faults = new Map<string, Fault>();
  #serial = 0;

  constructor(options: SimulatorOptions) {
    this.#clock = options.clock;
    this.apps = new Directory(options.clock);
    this.requests = new RequestRecord(options.keptRequests ?? 100_000);
    const listen = (side: Side): Listener =>
      new Listener((request, response) => this.#receive(side, request, response), options.tls);
    this.#api = listen(options.twoHosts ? 'api' : 'both');
    this.#oapi = options.twoHosts ? listen('oapi') : this.#api;
  }

  /** Where the new-style API is served, and the old-style one too unless there are two hosts. */
  get origin(): string {
    return this.#api.origin;
  }

  /** Where the old-style API is served. */
  get oapiOrigin(): string {
    return this.#oapi.origin;
  }

  /** How many TCP connections were opened so far. */
  get connections(): number {
    return this.#api === this.#oapi ? this.#api.connections : this.#api.connections + this.#oapi.connections;
  }

  /** Opens the sockets: at the given port the first time, at the same ports after `close`. */
  async open(port?: number): Promise<void> {
    await this.#api.open(port);
    if (this.#oapi !== this.#api) await this.#oapi.open();
  }

  /** Refuses connections and ends the open ones, hanging ones too. What it knows stays, for another `open`. */
  async close(): Promise<void> {
    await Promise.all([this.#api.shut(), this.#oapi.shut()]);
  }

  /** Hands every request for a path, a documented one or not, to a handler; without one no more. */
  fault(path: string, handler?: Fault): void {
    if (handler === undefined) this.#faults.delete(path);
    else this.#faults.set(path, handler);
  }

  #receive(side: Side, request: IncomingMessage, response: ServerResponse): void {
    this.requests.opened();
    response.on('close', () => this.requests.closed());
    // The other side may hang up at any time: that is its right, and no fault of the simulator.
    response.on('error', () => undefined);
    const parts: Buffer[] = [];
    let length = 0;
    request.on('data', (part: Buffer) => {
      length += part.byteLength;
      if (length <= LARGEST_BODY) parts.push(part);
    });
    request.on('end', () => {
      if (length > LARGEST_BODY) sendAnswer(response, makeAnswer({ status: 413 }));
      else this.#answer(side, request, response, Buffer.concat(parts).toString('utf8'));
    });
  }

  #answer(side: Side, request: IncomingMessage, response: ServerResponse, body: string): void {
    const { method = '', url: target = '', headers } = request;
    if (!URL.canParse(target, this.origin)) {
      sendAnswer(response, makeAnswer({ status: 400 }));
      return;
    }
    const url = new URL(target, this.origin);
    const asked = readCall(method, url, headers, body);
    const call: Call = SERVED[side].includes(asked.endpoint) ? asked : { endpoint: 'other', method };
    this.#serial += 1;
    const received: RecordedRequest = {
      endpoint: call.endpoint,
      method,
      path: url.pathname,
      headers,
      body,
      accessToken: call.endpoint === 'user_count' ? call.accessToken : undefined,
      onlyActive:
        call.endpoint === 'user_count' && typeof call.onlyActive === 'boolean' ? call.onlyActive : undefined,
      organization: organizationOf(call, this.apps),
      requestId: `sim${this.#serial.toString(36).padStart(9, '0')}`,
      arrivedAt: this.#clock.monotonicTime(),
      arrivedAtWall: this.#clock.wallTime(),
    };
    const exchange: Exchange = {
      received,
      request,
      response,
      clock: this.#clock,
      honest: (otherwise) => honestAnswer({ ...call, ...otherwise }, this.apps, received.requestId),
    };
    const fault = this.#faults.get(url.pathname);
    const behavior = fault === undefined ? this.script.take(received) : undefined;
    this.requests.arrived(received);
    if (fault !== undefined) {
      fault(request, response, exchange);
      return;
    }
    const answer = behavior === undefined ? exchange.honest() : behavior(exchange);
    if (answer !== undefined) sendAnswer(response, answer);
  }
}

/** Starts a simulated DingTalk on 127.0.0.1. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const simulator = new Simulator(options);
  await simulator.open(options.port ?? 0);
  return simulator;
}
