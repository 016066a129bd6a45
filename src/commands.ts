import { BUILD } from './build-info.ts';
import type { Clock } from './clock.ts';
import type { Configuration } from './config/configuration.ts';
import { type Environment, variablesThatAreSet } from './config/environment.ts';
import { ConfigurationError } from './config/fault.ts';
import type { Flags } from './config/flags.ts';
import { checkConfiguration, loadConfiguration, ofShard } from './config/load.ts';
import { networkTransport, type Transport } from './dingtalk/transport.ts';
import { Exporter } from './exporter.ts';
import type { Logger } from './log.ts';
import type { Random } from './polling/retry.ts';
import { parseListenAddress } from './web/listen-address.ts';
import { renderPage } from './web/page/page.ts';
import { startWeb } from './web/server.ts';
import { loadWebConfiguration } from './web/web-config/web-configuration.ts';

/** What a command needs from the process. */
export interface Context {
  readonly flags: Flags;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** `process.version`. */
  readonly nodeVersion: string;
}

/** All faults of what a start would read, and a summary for when there are none. */
export async function check(context: Context): Promise<{ faults: readonly string[]; summary: string }> {
  const { flags, environment, logger } = context;
  const { faults, warnings, summary } = await checkConfiguration(flags, environment);
  for (const warning of warnings) logger.warn('configuration warning', { warning });
  return { faults: [...faults, ...otherFaults(context)], summary };
}

/** The outcome of `--once`. */
export interface OnceResult {
  readonly exposition: Buffer;
  /** Whether every poll succeeded. */
  readonly succeeded: boolean;
}

/**
 * Polls each organization once.
 *
 * @throws ConfigurationError
 */
export async function once(context: Context): Promise<OnceResult> {
  const exporter = await prepare(context, false);
  const succeeded = await exporter.pollOnce();
  return { exposition: await exporter.exposition(), succeeded };
}

/** The running exporter. */
export interface Serving {
  /** Reloads the configuration. @throws Error if it cannot be used; the reason is logged. */
  reload(): Promise<void>;
  /** Resolves when calls and requests in flight have ended, or after `timeout` milliseconds. */
  stop(timeout: number): Promise<void>;
}

/**
 * Polls and serves until it is stopped.
 *
 * @throws ConfigurationError, or Error if it cannot listen on an address.
 */
export async function serve(context: Context): Promise<Serving> {
  const { flags, clock, logger } = context;
  const startedAt = clock.wallTime();
  const exporter = await prepare(context, !flags.disableExporterMetrics);
  const web = await startWeb(
    {
      listenAddresses: flags.listenAddresses,
      telemetryPath: flags.telemetryPath,
      enableLifecycle: flags.enableLifecycle,
      webConfigFile: flags.webConfigFile,
    },
    {
      exposition: () => exporter.exposition(),
      healthy: () => exporter.healthy(),
      ready: () => exporter.ready(),
      reload: () => exporter.reload(),
      renderPage: (request) =>
        renderPage(
          {
            name: 'dingtalk-headcount-exporter',
            version: BUILD.version,
            revision: BUILD.revision,
            demo: flags.demo,
            telemetryPath: flags.telemetryPath,
            organizations: exporter.organizations(),
            startedAt,
            wallTime: clock.wallTime(),
            monotonicTime: clock.monotonicTime(),
          },
          request,
        ),
    },
    logger,
    clock,
  );
  exporter.start();
  return {
    reload: () => web.reload(),
    async stop(timeout) {
      const end = clock.monotonicTime() + timeout;
      const timer = clock.setTimer(() => exporter.close(), timeout);
      // Not ready, but still scraped until the last calls have ended.
      web.withdraw();
      await exporter.drain();
      await web.close(Math.max(0, end - clock.monotonicTime()));
      timer.cancel();
    },
  };
}

/** Loads and checks the configuration. @throws ConfigurationError with every fault. */
async function prepare(context: Context, processMetrics: boolean): Promise<Exporter> {
  const { flags, environment, clock, random, logger, nodeVersion } = context;
  const demo = flags.demo ? await (await import('./demo/demo.ts')).runDemo(clock, random) : undefined;
  const load = async (): Promise<Configuration> => {
    if (demo !== undefined) return ofShard(demo.configuration, flags.shard);
    const { configuration, warnings } = await loadConfiguration(flags, environment);
    for (const warning of warnings) logger.warn('configuration warning', { warning });
    return configuration;
  };
  const faults = otherFaults(context);
  const configuration = await load().catch((error: unknown) => {
    throw error instanceof ConfigurationError ? new ConfigurationError([...error.faults, ...faults]) : error;
  });
  if (faults.length > 0) throw new ConfigurationError(faults);
  logger.info('starting', {
    version: BUILD.version,
    revision: BUILD.revision,
    node: nodeVersion,
    organizations: configuration.organizations.length,
    shard: flags.shard && `${flags.shard.index}/${flags.shard.count}`,
    demo: flags.demo ? true : undefined,
  });
  const unused = flags.demo ? variablesThatAreSet(environment) : [];
  if (unused.length > 0) {
    logger.warn('the demo does not use the credentials in the environment', { variables: unused.join(' ') });
  }
  return new Exporter({
    configuration,
    load,
    transport: transportFor(environment),
    clock,
    random,
    logger,
    build: { ...BUILD, nodeVersion },
    processMetrics,
  });
}

/** Faults of flags and environment that are not part of the configuration. */
function otherFaults({ flags, environment }: Context): readonly string[] {
  const { listenAddresses, webConfigFile, once } = flags;
  return [
    ...listenAddresses.flatMap((address) => faultOf(() => parseListenAddress(address))),
    ...faultOf(() => transportFor(environment)),
    // `--once` does not serve, and its user may not be allowed to read the key.
    ...(once || webConfigFile === undefined ? [] : faultOf(() => loadWebConfiguration(webConfigFile))),
  ];
}

function faultOf(attempt: () => unknown): string[] {
  try {
    attempt();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function transportFor(environment: Environment): Transport {
  const value = (name: string): string | undefined =>
    environment[name.toLowerCase()] || environment[name] || undefined;
  return networkTransport({ httpsProxy: value('HTTPS_PROXY'), noProxy: value('NO_PROXY') });
}
