import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { LIMITS } from './limits.ts';

/** The open connections of all listeners, and what is being answered on them. */
export class Connections {
  /** By the peer's address, so that a TLS connection takes the place of the TCP connection under it. */
  readonly #sockets = new Map<string, Socket>();
  readonly #answering = new Set<ServerResponse>();
  readonly #waiting = new WeakMap<Socket, number>();
  /** One function for all: a closure for each request is felt on the hot path. */
  readonly #onResponseClose: (this: ServerResponse) => void;
  #closing = false;

  constructor() {
    const end = (response: ServerResponse): void => this.#end(response);
    this.#onResponseClose = function (this: ServerResponse) {
      end(this);
    };
  }

  /** Whether `close` has been called. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Follows the connections of a server, which has not begun to listen. */
  follow(server: Server): void {
    const add = (socket: Socket): void => {
      const peer = `${socket.remoteAddress} ${socket.remotePort} ${socket.localPort}`;
      this.#sockets.set(peer, socket);
      socket.once('close', () => {
        if (this.#sockets.get(peer) === socket) this.#sockets.delete(peer);
      });
    };
    server.on('connection', add);
    server.on('secureConnection', add);
    // Whoever asks for nothing makes room for those who come: the next attempt finds a place.
    server.on('drop', () => this.#closeIdle((socket) => socket.bytesWritten > 0));
  }

  /**
   * Notes a request that is about to be answered.
   *
   * @returns false where it must not be: its connection is gone, or has too many requests waiting
   */
  begin(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    if (socket.destroyed) return false;
    // A response without a socket waits for the one before it: the client pipelines.
    if (response.socket === null && !this.#mayWait(socket, response)) {
      socket.destroy();
      return false;
    }
    this.#answering.add(response);
    response.on('close', this.#onResponseClose);
    return true;
  }

  /** From now on every answer is the last of its connection; those with nothing to answer are closed. */
  close(): void {
    this.#closing = true;
    for (const response of this.#answering) if (!response.headersSent) response.shouldKeepAlive = false;
    this.#closeIdle(() => true);
  }

  /** Ends all connections at once, whatever is on them. */
  destroy(): void {
    for (const socket of [...this.#sockets.values()]) socket.destroy();
  }

  /**
   * Closes connections on which nothing is answered. Node's own way to do so also cuts off answers that were
   * handed to it whole, and that the client has not read yet.
   */
  #closeIdle(which: (socket: Socket) => boolean): void {
    const busy = new Set<Socket>();
    for (const response of this.#answering) busy.add(response.req.socket);
    for (const socket of [...this.#sockets.values()])
      if (!busy.has(socket) && which(socket)) socket.destroy();
  }

  #mayWait(socket: Socket, response: ServerResponse): boolean {
    const waiting = (this.#waiting.get(socket) ?? 0) + 1;
    if (waiting > LIMITS.maxPipelinedRequests) return false;
    this.#waiting.set(socket, waiting);
    response.once('close', () => this.#waiting.set(socket, (this.#waiting.get(socket) ?? 1) - 1));
    return true;
  }

  #end(response: ServerResponse): void {
    this.#answering.delete(response);
    if (!this.#closing) return;
    const { socket } = response.req;
    for (const other of this.#answering) if (other.req.socket === socket) return;
    socket.destroySoon();
  }
}
