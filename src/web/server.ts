import type { RequestListener, Server, ServerOptions } from 'node:http';
import { Server as TcpServer } from 'node:net';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { protect } from './access/protection.ts';
import { Connections } from './connections.ts';
import { createHandler, type HandlerOptions, type WebSources } from './handler.ts';
import { LIMITS } from './limits.ts';
import { formatAddress, type ListenAddress, parseListenAddress } from './listen-address.ts';

export interface WebOptions extends HandlerOptions {
  /** `host:port`, `[v6]:port` or `:port`; a port 0 lets the system pick one. */
  readonly listenAddresses: readonly string[];
  /** The file with TLS, basic auth and the like; none means plain HTTP for everybody. */
  readonly webConfigFile: string | undefined;
}

/** An address that is listened on, with the port that the system picked where it was to. */
export interface BoundAddress {
  readonly host: string;
  readonly port: number;
}

/** The server, at work. */
export interface Web {
  readonly addresses: readonly BoundAddress[];
  /**
   * Takes a change of the web configuration at once, and then reads the configuration anew, as `POST /-/reload` does.
   *
   * @throws {Error} with the reason why the configuration stays; that of the web configuration is only in the log
   */
  reload(): Promise<void>;
  /** From now on `/-/ready` says that it ends; all else is answered as before, until `close`. */
  withdraw(): void;
  /**
   * Stops to listen, closes what is idle, lets what is in flight end, and destroys what is left of it after
   * `deadline` milliseconds. Resolves when all connections are closed; may be called more than once, and the
   * shortest deadline holds.
   */
  close(deadline: number): Promise<void>;
}

const SERVER_OPTIONS: ServerOptions = {
  connectionsCheckingInterval: LIMITS.connectionsCheckingInterval,
  headersTimeout: LIMITS.headersTimeout,
  requestTimeout: LIMITS.requestTimeout,
  keepAliveTimeout: LIMITS.keepAliveTimeout,
  maxHeaderSize: LIMITS.maxHeaderSize,
};

/**
 * Listens on all addresses and answers from what is known.
 *
 * @throws {WebConfigurationError} where the web configuration file is broken
 * @throws {Error} where an address cannot be listened on, saying which and why; nothing listens then
 */
export async function startWeb(
  options: WebOptions,
  sources: WebSources,
  logger: Logger,
  clock: Clock,
): Promise<Web> {
  const connections = new Connections();
  const protection = await protect(options.webConfigFile, logger, clock);
  let withdrawn = false;
  const isClosing = (): boolean => withdrawn || connections.closing;
  const reload = async (): Promise<void> => {
    await protection.readAnew();
    await sources.reload();
  };
  const handler = createHandler({ ...sources, reload }, options, protection.gate, isClosing, clock, logger);
  const listener: RequestListener = (request, response) => {
    if (connections.begin(request, response)) handler(request, response);
  };

  const servers: Server[] = [];
  const addresses: BoundAddress[] = [];
  try {
    for (const text of options.listenAddresses) {
      const server = protection.createServer(SERVER_OPTIONS, listener);
      server.timeout = LIMITS.socketTimeout;
      connections.follow(server);
      const bound = await listen(server, parseListenAddress(text));
      server.on('error', (error) => logger.error('listener failed', { error: error.message }));
      servers.push(server);
      addresses.push(bound);
      const address = formatAddress(bound.host, bound.port);
      logger.info('listening', { address, tls: protection.tls, password: protection.password() });
    }
  } catch (error) {
    protection.stop();
    for (const server of servers) server.close();
    connections.destroy();
    throw error;
  }

  let closed: Promise<void> | undefined;
  return {
    addresses,
    reload,
    withdraw: () => {
      withdrawn = true;
    },
    close: async (deadline) => {
      protection.stop();
      closed ??= Promise.all(servers.map(closeServer)).then(() => undefined);
      connections.close();
      const timer = clock.setTimer(() => connections.destroy(), deadline);
      await closed;
      timer.cancel();
    },
  };
}

/** Stops to listen, and resolves when the last connection is closed. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Closing an HTTP server cuts off answers that are not read yet; closing the TCP server under it does not.
    TcpServer.prototype.close.call(server, () => {
      // Nothing is left to be cut off: this ends what the HTTP server still does by the clock.
      server.close(() => resolve());
    });
  });
}

function listen(server: Server, { host, port }: ListenAddress): Promise<BoundAddress> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      reject(new Error(`cannot listen on ${formatAddress(host, port)}: ${explain(error)}`, { cause: error }));
    };
    server.once('error', onError);
    // Without a host Node listens on `::` for IPv6 and IPv4, and on `0.0.0.0` where there is no IPv6.
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.removeListener('error', onError);
      const address = server.address();
      if (address === null || typeof address === 'string') {
        reject(new Error(`cannot listen on ${formatAddress(host, port)}: the system names no TCP address`));
        return;
      }
      resolve({ host: address.address, port: address.port });
    });
  });
}

function explain(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'the port is taken (EADDRINUSE): stop what listens there, or choose another with --web.listen-address';
    case 'EACCES':
      return 'not permitted (EACCES): choose a port from 1024 on with --web.listen-address';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address (EADDRNOTAVAIL): choose one of its own with --web.listen-address';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name cannot be resolved (${error.code}): choose another with --web.listen-address`;
    default:
      return error.message;
  }
}
