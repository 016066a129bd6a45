import { type IncomingHttpHeaders, request as plainRequest, type RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface Ask extends RequestOptions {
  readonly body?: string | Buffer;
  readonly tls?: {
    readonly ca: Buffer | string;
    readonly cert?: Buffer | string;
    readonly key?: Buffer | string;
  };
}

/** One request over a connection of its own (or of the given agent), with nothing decoded or followed. */
export function ask(port: number, path: string, { body, tls, ...options }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const all = { host: '127.0.0.1', port, path, agent: false as const, ...options };
    const sent =
      tls === undefined ? plainRequest(all) : tlsRequest({ ...all, servername: 'localhost', ...tls });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const whole = Buffer.concat(parts);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: whole,
          text: whole.toString(),
        });
      });
    });
    sent.end(body);
  });
}

/** A bare TCP connection to the server, destroyed when the test ends. */
export class Wire {
  readonly socket: Socket;
  #received = '';
  readonly connected: Promise<void>;
  /** What was received in all, once the connection is closed. */
  readonly ended: Promise<string>;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    onTestFinished(() => void this.socket.destroy());
    this.connected = new Promise((resolve) => this.socket.once('connect', resolve));
    this.socket.setEncoding('latin1');
    this.socket.on('data', (data: string) => {
      this.#received += data;
    });
    // A reset is one way to close a connection; what came before it counts.
    this.socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => this.socket.on('close', () => resolve(this.#received)));
  }

  get received(): string {
    return this.#received;
  }

  send(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** Resolves when what was sent has left the process. */
  flushed(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.write('', (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Resolves when what was received so far contains the text. */
  until(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!this.#received.includes(text)) return;
        this.socket.off('data', look);
        resolve(this.#received);
      };
      this.socket.on('data', look);
      this.socket.once('close', () => reject(new Error(`closed after: ${this.#received}`)));
      look();
    });
  }
}
