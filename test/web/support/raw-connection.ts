import { type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A bare TCP connection to the server, destroyed when the test ends. */
export class RawConnection {
  readonly socket: Socket;
  #received = '';
  readonly connected: Promise<void>;
  /** Everything received, when the connection is closed. */
  readonly ended: Promise<string>;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    onTestFinished(() => void this.socket.destroy());
    this.connected = new Promise((resolve) => this.socket.once('connect', resolve));
    this.socket.setEncoding('latin1');
    this.socket.on('data', (data: string) => {
      this.#received += data;
    });
    // A reset only closes the connection.
    this.socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => this.socket.on('close', () => resolve(this.#received)));
  }

  send(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
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

/** Sends a request with its target unchanged; other clients would normalize it. */
export function rawRequest(
  port: number,
  path: string,
  method = 'GET',
): Promise<{ readonly status: number | undefined; readonly headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, agent: false }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, headers: response.headers });
    })
      .on('error', reject)
      .end();
  });
}
