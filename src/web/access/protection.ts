import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import { LIMITS } from '../limits.ts';
import { type Gate, OPEN_GATE } from './gate.ts';
import type { TlsConfiguration } from './tls.ts';

/** What a web configuration file, or its absence, makes of the server. */
export interface Protection {
  /** Whether the connections are encrypted. */
  readonly tls: boolean;
  /** Whether a password is asked at the moment. */
  readonly password: () => boolean;
  /** The gate of the configuration that is at work. */
  readonly gate: () => Gate;
  /** A server for one listener, which follows all changes of the configuration. */
  readonly createServer: (options: ServerOptions, listener: RequestListener) => Server;
  /** Takes a change of the configuration at once. What cannot be taken is in the log. */
  readonly readAnew: () => Promise<void>;
  /** Follows no more changes. */
  readonly stop: () => void;
}

const NONE: Protection = {
  tls: false,
  password: () => false,
  gate: () => OPEN_GATE,
  createServer,
  readAnew: () => Promise.resolve(),
  stop: () => undefined,
};

/**
 * Puts a web configuration file to work.
 *
 * @throws {WebConfigurationError} where it is broken
 */
export async function protect(file: string | undefined, logger: Logger, clock: Clock): Promise<Protection> {
  if (file === undefined) return NONE;
  // Only who has such a file pays for loading what it needs.
  const { createServer: createTlsServer } = await import('node:https');
  const { asksForCertificate, refusalOf } = await import('./client-certificates.ts');
  const { createGate } = await import('./configured-gate.ts');
  const { PasswordCheck } = await import('./password-check.ts');
  const { WebConfigurationWatch } = await import('./web-configuration-watch.ts');
  const check = new PasswordCheck(clock);
  const servers: ReturnType<typeof createTlsServer>[] = [];
  let gate = OPEN_GATE;
  let password = false;
  let tls: TlsConfiguration | undefined;
  const watch = await WebConfigurationWatch.start(
    file,
    (configuration) => {
      const changed = configuration.tls;
      if (changed !== undefined) for (const server of servers) server.setSecureContext(changed.context);
      tls = changed;
      gate = createGate(configuration, check, clock, logger);
      password = configuration.users.size > 0;
    },
    logger,
    clock,
  );

  const judge = (socket: TLSSocket): void => {
    const refusal = tls && refusalOf(socket, tls.clients);
    if (refusal === undefined) return;
    logger.debug('client refused', { peer: socket.remoteAddress, reason: refusal });
    socket.destroy();
  };

  return {
    tls: tls !== undefined,
    password: () => password,
    gate: () => gate,
    createServer: (options, listener) => {
      if (tls === undefined) return createServer(options, listener);
      const server = createTlsServer(
        {
          ...options,
          ...tls.context,
          requestCert: asksForCertificate(tls.clients),
          // Judged below, by the configuration of the day.
          rejectUnauthorized: false,
          handshakeTimeout: LIMITS.handshakeTimeout,
          ALPNProtocols: ['http/1.1'],
        },
        listener,
      );
      // Before the listener that reads requests, so that none is read of a client that is refused.
      server.prependListener('secureConnection', judge);
      servers.push(server);
      return server;
    },
    readAnew: () => watch.readAnew(),
    stop: () => watch.stop(),
  };
}
