import type { Socket } from 'node:net';

/** One TCP connection, with or without TLS over it. */
export interface Connection {
  /** What its requests come by: the TLS socket once its handshake has ended, else the TCP socket. */
  socket: Socket;
  /** The listener that it has come to. */
  readonly places: Places;
  /** How many of its requests are being answered, those that wait behind another one included. */
  answering: number;
}

/**
 * The connections of one listener. Before the last place is taken, who is not being answered makes room: whoever
 * comes and speaks at once is served, however many hold a connection and say nothing.
 */
export class Places {
  readonly #limit: number;
  readonly #all = new Set<Connection>();
  /** On these nothing has been answered yet: who came first stands first. */
  readonly #silent = new Set<Connection>();
  /** These have been answered: who has been idle for longest stands first. */
  readonly #idle = new Set<Connection>();
  /** A TLS socket does not say over which TCP socket it speaks; its two ends do. */
  readonly #byEnds = new Map<string, Connection>();

  /** @param limit the number of connections that are never there together, but where all are being answered */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Notes a connection that has come, making room for the next one. */
  take(socket: Socket): Connection {
    while (this.#all.size + 1 >= this.#limit && this.#closeOne());
    const connection: Connection = { socket, places: this, answering: 0 };
    const ends = endsOf(socket);
    this.#all.add(connection);
    this.#silent.add(connection);
    this.#byEnds.set(ends, connection);
    socket.once('close', () => {
      this.#forget(connection);
      if (this.#byEnds.get(ends) === connection) this.#byEnds.delete(ends);
    });
    return connection;
  }

  /** Notes that the handshake of a connection has ended: from now on its requests come by this socket. */
  secure(socket: Socket): Connection {
    const connection = this.#byEnds.get(endsOf(socket)) ?? this.take(socket);
    connection.socket = socket;
    return connection;
  }

  /** Notes that a request is being answered: its connection stays. */
  begin(connection: Connection): void {
    connection.answering += 1;
    this.#silent.delete(connection);
    this.#idle.delete(connection);
  }

  /** Lets a connection give way although a request of it has begun. */
  expose(connection: Connection): void {
    this.#idle.add(connection);
  }

  /** Ends that, as long as the request is being answered. */
  shield(connection: Connection): void {
    if (connection.answering > 0) this.#idle.delete(connection);
  }

  /** Notes that a request is no longer being answered. */
  end(connection: Connection): void {
    connection.answering -= 1;
    if (connection.answering > 0 || !this.#all.has(connection)) return;
    this.#idle.add(connection);
    // Where all were busy the last place was taken: whoever comes would be turned away before anybody gives way.
    if (this.#all.size >= this.#limit) this.#closeOne();
  }

  /**
   * Closes all connections on which nothing is answered. Node's own way to do so also cuts off answers that were
   * handed to it whole, and that the client has not read yet.
   */
  closeIdle(): void {
    for (const connection of [...this.#silent, ...this.#idle]) connection.socket.destroy();
  }

  /** Closes all connections, whatever is on them. */
  destroy(): void {
    for (const connection of [...this.#all]) connection.socket.destroy();
  }

  /** Those of whom there are more give way, so that a flood of one kind closes none of the other. */
  #closeOne(): boolean {
    const [oldest] = this.#silent.size >= this.#idle.size ? this.#silent : this.#idle;
    if (oldest === undefined) return false;
    this.#forget(oldest);
    oldest.socket.destroy();
    return true;
  }

  #forget(connection: Connection): void {
    this.#all.delete(connection);
    this.#silent.delete(connection);
    this.#idle.delete(connection);
  }
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
