import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type Socket, Server as TcpServer } from 'node:net';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { createHandler, type WebSources } from './app.ts';
import { formatAddress, type ListenAddress, parseListenAddress } from './listen-address.ts';
import { refusalOf } from './web-config/client-certificates.ts';
import type { TlsConfiguration } from './web-config/tls.ts';
import { WebConfigurationFile } from './web-config/web-configuration-file.ts';

/** Limits of Node's server. Times are milliseconds, sizes bytes. */
export const LIMITS = {
  /** All headers of a request together; more is answered with 431. */
  maxHeaderSize: 16_384,
  /** To the end of the headers of a request; then 408. */
  headersTimeout: 10_000,
  /** To the end of a request; then 408. */
  requestTimeout: 15_000,
  /** How often the two above are checked. */
  connectionsCheckingInterval: 5_000,
  /** How long a connection without a request stays open: longer than the usual scrape interval of a minute. */
  keepAliveTimeout: 120_000,
  /** How long a connection may be inactive in the middle of a request or a response. */
  socketTimeout: 30_000,
  /** From the TCP connection to the end of the TLS handshake. */
  handshakeTimeout: 10_000,
  /** Connections of one listener; more are closed at once. */
  maxConnections: 1_024,
} as const;

export interface WebOptions {
  /** `host:port`, `[v6]:port` or `:port`; the system picks a free port for 0. */
  readonly listenAddresses: readonly string[];
  readonly telemetryPath: string;
  readonly enableLifecycle: boolean;
  /** The file with TLS and basic auth; undefined means plain HTTP without authentication. */
  readonly webConfigFile: string | undefined;
}

/** An address that is listened on, with the port that the system picked. */
export interface BoundAddress {
  readonly host: string;
  readonly port: number;
}

/** The server, listening. */
export interface Web {
  readonly addresses: readonly BoundAddress[];
  /**
   * Reads the web configuration and the configuration again, as `POST /-/reload` does.
   *
   * @throws {Error} where the new configuration is refused; a refused web configuration is only logged
   */
  reload(): Promise<void>;
  /** From now on `/-/ready` answers 503; everything else works as before. */
  withdraw(): void;
  /**
   * Stops listening, closes idle connections, finishes responses in flight, and closes what is left after `deadline`
   * milliseconds. Resolves when all connections are closed. It may be called again with a shorter deadline.
   */
  close(deadline: number): Promise<void>;
}

/**
 * Listens on all addresses.
 *
 * @throws {ConfigurationError} where the web configuration is broken
 * @throws {Error} where an address cannot be listened on; nothing listens then
 */
export async function startWeb(
  options: WebOptions,
  sources: WebSources,
  logger: Logger,
  clock: Clock,
): Promise<Web> {
  const { listenAddresses, telemetryPath, enableLifecycle, webConfigFile } = options;
  const file =
    webConfigFile === undefined ? undefined : new WebConfigurationFile(webConfigFile, clock, logger);
  let isClosing = false;
  const reload = async (): Promise<void> => {
    file?.reload();
    await sources.reload();
  };
  const handler = createHandler({
    sources: { ...sources, reload },
    telemetryPath,
    enableLifecycle,
    webConfiguration: file && (() => file.current()),
    isClosing: () => isClosing,
    clock,
    logger,
  });

  const servers: Server[] = [];
  const addresses: BoundAddress[] = [];
  const sockets = new Set<Socket>();
  const destroyAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  try {
    for (const text of listenAddresses) {
      const server = newServer(handler, file, logger);
      followSockets(server, sockets);
      servers.push(server);
      const bound = await listen(server, parseListenAddress(text));
      server.on('error', (error) => logger.error('listener failed', { error: error.message }));
      addresses.push(bound);
      logger.info('listening', {
        address: formatAddress(bound.host, bound.port),
        tls: file?.current().tls !== undefined,
        password: file?.current().users !== undefined,
      });
    }
  } catch (error) {
    for (const server of servers) server.close();
    destroyAll();
    throw error;
  }

  let closed: Promise<unknown> | undefined;
  return {
    addresses,
    reload,
    withdraw: () => {
      isClosing = true;
    },
    close: async (deadline) => {
      isClosing = true;
      closed ??= closeAll(servers, sockets);
      const timer = clock.setTimer(destroyAll, deadline);
      await closed;
      timer.cancel();
    },
  };
}

function newServer(handler: RequestListener, file: WebConfigurationFile | undefined, logger: Logger): Server {
  const tls = file?.current().tls;
  const server =
    file === undefined || tls === undefined
      ? createServer(LIMITS, handler)
      : newTlsServer(handler, file, tls, logger);
  server.timeout = LIMITS.socketTimeout;
  server.maxConnections = LIMITS.maxConnections;
  return server;
}

/** A TLS server that applies changed certificates and client rules of the web configuration. */
function newTlsServer(
  handler: RequestListener,
  file: WebConfigurationFile,
  tls: TlsConfiguration,
  logger: Logger,
): Server {
  const server = createTlsServer(
    {
      ...LIMITS,
      ...tls.context,
      requestCert: tls.clients.type !== 'NoClientCert',
      // Checked below, by the configuration in effect.
      rejectUnauthorized: false,
    },
    handler,
  );
  let applied = tls;
  // Before Node's own listeners, so that a new connection gets the new certificate and nothing is read from a refused one.
  server.prependListener('connection', () => {
    const current = file.current().tls ?? applied;
    if (current !== applied) server.setSecureContext(current.context);
    applied = current;
  });
  const logRefusal = (socket: Socket, reason: string): void =>
    logger.debug('client refused', { address: socket.remoteAddress, reason });
  server.prependListener('secureConnection', (socket) => {
    const reason = refusalOf(socket, applied.clients);
    if (reason === undefined) return;
    logRefusal(socket, reason);
    socket.destroy();
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) =>
    logRefusal(socket, `TLS handshake failed (${error.code ?? error.message})`),
  );
  return server;
}

async function listen(server: Server, { host, port }: ListenAddress): Promise<BoundAddress> {
  // Without a host Node listens on `::` for IPv6 and IPv4, and on `0.0.0.0` where there is no IPv6.
  server.listen({ port, ...(host === undefined ? {} : { host }) });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new Error(`cannot listen on ${formatAddress(host, port)}: ${explain(error)}`, { cause: error });
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no TCP address');
  return { host: address.address, port: address.port };
}

const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken (EADDRINUSE): stop the process that listens there, or choose another',
  EACCES: 'not permitted (EACCES): choose a port from 1024 on',
  EADDRNOTAVAIL: 'this machine has no such address (EADDRNOTAVAIL): choose one of its own',
  ENOTFOUND: 'the host name cannot be resolved (ENOTFOUND): choose another',
  EAI_AGAIN: 'the host name cannot be resolved (EAI_AGAIN): choose another',
};

function explain(error: unknown): string {
  const reason = error instanceof Error && 'code' in error ? LISTEN_ERRORS[String(error.code)] : undefined;
  return reason === undefined ? String(error) : `${reason} with --web.listen-address`;
}

function followSockets(server: Server, sockets: Set<Socket>): void {
  const follow = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  server.on('connection', follow);
  // A TLS connection has two sockets: one from the start, and from the end of the handshake one that is encrypted.
  server.on('secureConnection', follow);
}

async function closeAll(servers: readonly Server[], sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = servers.map((server) => {
    // Closes each connection 1 ms after its last response.
    server.keepAliveTimeout = 1;
    // Only stops listening: closing the HTTP server would also close connections that Node takes for idle.
    return new Promise<void>((resolve) => TcpServer.prototype.close.call(server, () => resolve()));
  });
  // Node does not count connections that have not sent anything, nor responses that are still being sent.
  const sending: Promise<void>[] = [];
  for (const socket of sockets) {
    if (socket.bytesRead === 0) socket.destroy();
    if (socket.writableLength === 0) continue;
    sending.push(new Promise((resolve) => socket.once('close', () => resolve())));
  }
  await Promise.all(sending);
  for (const server of servers) server.close();
  await Promise.all(closed);
}
