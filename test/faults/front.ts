import { connect, createServer, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type Server as TlsServer,
} from 'node:tls';

/** A certificate and its key, in PEM. */
export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

/**
 * A port of its own that leads to the simulator, byte by byte. It can refuse connections for a while, and with a
 * key pair it speaks TLS.
 */
export class Front {
  readonly #server: Server;
  readonly #tls: TlsServer | undefined;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  private constructor(target: number, keys: KeyPair | undefined) {
    const lead = (socket: Socket): void => {
      const onward = connect(target, '127.0.0.1');
      for (const [side, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        // Either side may be cut at any time: then the other is cut as hard.
        side.on('error', () => other.resetAndDestroy());
        side.on('close', () => other.destroy());
      }
      socket.pipe(onward).pipe(socket);
    };
    this.#tls = keys === undefined ? undefined : createTlsServer({ ...keys }, lead);
    // A handshake that fails is what the test is about; the caller learns of it by itself.
    this.#tls?.on('tlsClientError', () => undefined);
    this.#server = this.#tls ?? createServer(lead);
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** @param target the port on 127.0.0.1 that it leads to. */
  static async open(target: string, keys?: KeyPair): Promise<Front> {
    const front = new Front(Number(new URL(target).port), keys);
    await front.serve();
    return front;
  }

  get port(): number {
    return this.#port;
  }

  get origin(): string {
    return this.#tls === undefined ? `http://127.0.0.1:${this.#port}` : `https://localhost:${this.#port}`;
  }

  /** Shakes hands otherwise from now on. */
  present(options: SecureContextOptions): void {
    this.#tls?.setSecureContext(options);
  }

  /** Listens, at the same port each time. */
  async serve(): Promise<void> {
    if (this.#server.listening) return;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the front has no TCP address');
    this.#port = address.port;
  }

  /** Refuses connections from now on; those that are open go on. */
  refuse(): void {
    this.#server.close();
  }

  /** Ends the open connections. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return this.hangUp();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.hangUp();
    });
  }
}
