import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** A certificate and its key, in PEM. */
export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
}

/** One socket on 127.0.0.1. It can refuse for a while and then serve at the same port again. */
export class Listener {
  readonly #server: Server;
  readonly #scheme: string;
  /** Kept here because Node forgets those that have not got through the TLS handshake. */
  readonly #open = new Set<Socket>();
  #port = 0;
  #connections = 0;

  constructor(answer: RequestListener, tls: TlsFiles | undefined) {
    this.#server = tls === undefined ? createServer(answer) : createTlsServer({ ...tls }, answer);
    this.#scheme = tls === undefined ? 'http' : 'https';
    // Time is the caller's: nothing here may end a connection because of the machine's own clock.
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
    this.#server.headersTimeout = 0;
    this.#server.on('connection', (socket) => {
      this.#connections += 1;
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
    });
  }

  get origin(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}`;
  }

  /** How many TCP connections were opened so far. */
  get connections(): number {
    return this.#connections;
  }

  /** Opens the given port, or with 0 any free one; without a port the one it had. */
  async open(port = this.#port): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#port = addressOf(this.#server).port;
  }

  /** Refuses connections from now on and ends those that are open, hanging ones too. */
  async shut(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#open) socket.destroy();
    });
  }
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the simulator has no TCP address');
  return address;
}
