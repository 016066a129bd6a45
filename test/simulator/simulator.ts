import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Clock } from '../../src/clock.ts';
import { SimulatedDingTalk } from './dingtalk.ts';
import type { Answer } from './replies.ts';

export interface SimulatorOptions {
  readonly clock: Clock;
  /** A certificate and its key, in PEM: with them HTTPS is spoken. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A request that is being answered. */
export interface OpenRequest {
  readonly url: URL;
  readonly response: ServerResponse;
  /** Its caller is kept waiting: nothing happens unless time moves or a test acts. */
  stalled: boolean;
}

/** A simulated DingTalk on a port of 127.0.0.1, which serves both of its APIs. */
export class Simulator extends SimulatedDingTalk {
  readonly #server: Server;
  readonly #scheme: string;
  readonly #sockets = new Set<Socket>();
  readonly open = new Set<OpenRequest>();
  /** Told when a request has come, when its caller is kept waiting, and when it is over. */
  onChange: () => void = () => undefined;
  #origin = '';

  constructor({ clock, tls }: SimulatorOptions) {
    super(clock);
    const listener = (request: IncomingMessage, response: ServerResponse): void =>
      void this.#receive(request, response);
    this.#server = tls === undefined ? createServer(listener) : createTlsServer({ ...tls }, listener);
    this.#scheme = tls === undefined ? 'http' : 'https';
    // Time is handed in: no connection may end because of the machine's own clock.
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
    this.#server.headersTimeout = 0;
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  get origin(): string {
    return this.#origin;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the simulator has no TCP address');
    this.#origin = `${this.#scheme}://127.0.0.1:${address.port}`;
  }

  /** Refuses connections and ends the open ones, also those that are kept waiting. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const open: OpenRequest = { url: new URL(url, this.origin), response, stalled: false };
    this.open.add(open);
    this.onChange();
    response.on('close', () => {
      this.open.delete(open);
      this.onChange();
    });
    // The caller may give up at any time, which is no fault of the simulator.
    response.on('error', () => undefined);
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return;
    this.receive({
      method,
      url: open.url,
      headers,
      body,
      response,
      stall: () => {
        open.stalled = true;
        this.onChange();
      },
      send: (answer) => sendAnswer(response, answer),
      onClose: (listener) => void response.on('close', listener),
    });
  }
}

function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  if (status === 204 || status === 304) {
    response.writeHead(status).end();
    return;
  }
  response.writeHead(status, { 'content-length': body.byteLength, ...headers });
  response.end(body);
}

/** Starts a simulated DingTalk. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const simulator = new Simulator(options);
  await simulator.listen();
  return simulator;
}
