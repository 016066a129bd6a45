import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { LIMITS } from './limits.ts';
import { type Connection, Places } from './places.ts';

/** The open connections of all listeners, and what is being answered on them. */
export class Connections {
  readonly #limit: number;
  readonly #listeners: Places[] = [];
  readonly #bySocket = new WeakMap<Socket, Connection>();
  readonly #answering = new Set<ServerResponse>();
  /** Those whose last answer has been begun, and how many requests have come behind it. */
  readonly #ended = new Map<Connection, number>();
  #ignored = 0;
  /** One function for all: a closure for each request is felt on the hot path. */
  readonly #onResponseClose: (this: ServerResponse) => void;
  #closing = false;

  /** @param limit connections of one listener */
  constructor(limit: number = LIMITS.maxConnections) {
    this.#limit = limit;
    const end = (response: ServerResponse): void => this.#end(response);
    this.#onResponseClose = function (this: ServerResponse) {
      end(this);
    };
  }

  /** Whether `close` has been called. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Follows the connections of a server, which has not begun to listen, and bounds their number. */
  follow(server: Server): void {
    const places = new Places(this.#limit);
    this.#listeners.push(places);
    server.maxConnections = this.#limit;
    server.on('connection', (socket: Socket) => this.#bySocket.set(socket, places.take(socket)));
    // Before the listener that reads requests, so that none comes by a socket that is not known.
    server.prependListener('secureConnection', (socket: Socket) =>
      this.#bySocket.set(socket, places.secure(socket)),
    );
  }

  /**
   * Notes a request that is about to be answered.
   *
   * @returns false where it must not be: its connection is gone, or the last answer of it has been begun
   */
  begin(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    const connection = this.#bySocket.get(socket);
    if (socket.destroyed || connection === undefined) return false;
    if (this.#ended.has(connection)) {
      this.#ignore(connection);
      return false;
    }
    connection.places.begin(connection);
    if (request.headers['transfer-encoding'] !== undefined) {
      // Until its body has come, which is as late as the client likes, the request is not what holds a place.
      connection.places.expose(connection);
      request.once('end', () => connection.places.shield(connection));
    }
    // The client pipelines, and may do so without an end: what was begun is answered, and no more.
    if (connection.answering > LIMITS.maxPipelinedRequests) {
      response.shouldKeepAlive = false;
      this.#ended.set(connection, 0);
      socket.once('close', () => this.#forgetIgnored(connection));
    }
    this.#answering.add(response);
    response.on('close', this.#onResponseClose);
    return true;
  }

  /** From now on every answer is the last of its connection; those with nothing to answer are closed. */
  close(): void {
    this.#closing = true;
    for (const response of this.#answering) if (!response.headersSent) response.shouldKeepAlive = false;
    for (const places of this.#listeners) places.closeIdle();
  }

  /** Ends all connections at once, whatever is on them. */
  destroy(): void {
    for (const places of this.#listeners) places.destroy();
  }

  /** Node keeps a request that nobody answers until its connection closes, as late as the client likes. */
  #ignore(connection: Connection): void {
    this.#ignored += 1;
    this.#ended.set(connection, (this.#ended.get(connection) ?? 0) + 1);
    if (this.#ignored > LIMITS.maxIgnoredRequests) connection.socket.destroy();
  }

  #forgetIgnored(connection: Connection): void {
    this.#ignored -= this.#ended.get(connection) ?? 0;
    this.#ended.delete(connection);
  }

  #end(response: ServerResponse): void {
    this.#answering.delete(response);
    const { socket } = response.req;
    const connection = this.#bySocket.get(socket);
    if (connection === undefined) return;
    connection.places.end(connection);
    if (this.#closing && connection.answering === 0) socket.destroySoon();
  }
}
