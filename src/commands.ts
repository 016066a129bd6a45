import { BUILD } from './build-info.ts';
import type { Clock } from './clock.ts';
import type { Configuration } from './config/configuration.ts';
import { ConfigurationError } from './config/configuration-error.ts';
import { variablesThatAreSet } from './config/environment.ts';
import type { Loaded } from './config/file.ts';
import type { Environment } from './config/flag-reader.ts';
import type { Flags } from './config/flags.ts';
import { loadConfiguration, ofShard } from './config/load.ts';
import { checkSecretFiles } from './config/secret-files.ts';
import type { RunningDemo } from './demo.ts';
import { networkTransport } from './dingtalk/transport.ts';
import { Exporter } from './exporter.ts';
import type { Logger } from './logger.ts';
import type { Random } from './polling/retry.ts';
import { parseListenAddress } from './web/listen-address.ts';
import type { Web } from './web/server.ts';

/** Everything that a command needs of the world around it. */
export interface Surroundings {
  readonly flags: Flags;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** `process.version`. */
  readonly nodeVersion: string;
}

/** Every fault of the configuration, of the files with secrets, and of whatever else a start would stumble over. */
export async function checkConfiguration(surroundings: Surroundings): Promise<readonly string[]> {
  const { flags, environment } = surroundings;
  const loaded = await loadConfiguration(flags, environment);
  const faults = loaded.kind === 'faults' ? loaded.faults : [];
  return [
    ...faults,
    ...(await checkSecretFiles(loaded.secretFiles)),
    ...(await faultsBesideConfiguration(surroundings)),
  ];
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
export async function pollOnce(surroundings: Surroundings): Promise<OnceResult> {
  const prepared = await prepare(surroundings, false);
  try {
    const succeeded = await prepared.exporter.pollOnce();
    return { exposition: await prepared.exporter.exposition(), succeeded };
  } finally {
    await prepared.exporter.close();
    await prepared.demo?.close();
  }
}

/** The exporter, serving. */
export interface Serving {
  /** Reads the configuration anew; what went wrong is in the log. */
  reload(): Promise<void>;
  /** Ends when what is in flight has ended, or after `deadline` milliseconds. */
  stop(deadline: number): Promise<void>;
}

/**
 * Serves until it is told to stop.
 *
 * @throws ConfigurationError, or Error where an address cannot be listened on.
 */
export async function serve(surroundings: Surroundings): Promise<Serving> {
  const { flags, clock, logger } = surroundings;
  const startedAt = clock.wallTime();
  const prepared = await prepare(surroundings, !flags.disableExporterMetrics);
  const { exporter } = prepared;
  let web: Web;
  try {
    const [{ startWeb }, { PAGE_STYLE }] = await Promise.all([
      import('./web/server.ts'),
      import('./web/page/style.ts'),
    ]);
    const { renderPage } = await import('./web/page/page.ts');
    web = await startWeb(
      {
        listenAddresses: flags.listenAddresses,
        telemetryPath: flags.telemetryPath,
        enableLifecycle: flags.enableLifecycle,
        webConfigFile: flags.webConfigFile,
        pageStyle: PAGE_STYLE,
      },
      {
        exposition: () => exporter.expositionBody(),
        healthy: () => exporter.healthy(),
        ready: () => exporter.ready(),
        reload: () => exporter.reload(),
        renderPage: () =>
          renderPage({
            name: 'dingtalk-headcount-exporter',
            version: BUILD.version,
            revision: BUILD.revision,
            telemetryPath: flags.telemetryPath,
            links: PAGE_LINKS,
            organizations: exporter.organizations(),
            startedAt,
            wallTime: clock.wallTime(),
            monotonicTime: clock.monotonicTime(),
          }),
      },
      logger,
      clock,
    );
  } catch (error) {
    await exporter.close();
    await prepared.demo?.close();
    const { WebConfigurationError } = await import('./web/access/web-configuration.ts');
    throw error instanceof WebConfigurationError ? new ConfigurationError(error.faults) : error;
  }
  exporter.start();
  return {
    reload: () => web.reload(),
    async stop(deadline) {
      const end = clock.monotonicTime() + deadline;
      const timer = clock.setTimer(() => void exporter.close(), deadline);
      // Whoever probes is told that it ends, and whoever scrapes is answered, until the last calls have ended.
      web.withdraw();
      await exporter.drain();
      await web.close(Math.max(0, end - clock.monotonicTime()));
      timer.cancel();
      await exporter.close();
      await prepared.demo?.close();
    },
  };
}

const PAGE_LINKS = [
  { text: 'Health', href: '/-/healthy' },
  { text: 'Readiness', href: '/-/ready' },
] as const;

interface Prepared {
  readonly exporter: Exporter;
  readonly demo: RunningDemo | undefined;
}

async function prepare(surroundings: Surroundings, processMetrics: boolean): Promise<Prepared> {
  const { flags, environment, clock, random, logger, nodeVersion } = surroundings;
  const first = flags.demo ? undefined : await loadConfiguration(flags, environment);
  const faults = [
    ...(first?.kind === 'faults' ? first.faults : []),
    ...(await faultsBesideConfiguration(surroundings)),
  ];
  if (faults.length > 0) throw new ConfigurationError(faults);
  const unused = flags.demo ? variablesThatAreSet(environment) : [];
  if (unused.length > 0) {
    logger.warn('the demo does not use the credentials in the environment', { variables: unused.join(' ') });
  }
  const transport = proxyFrom(environment);
  const demo = flags.demo ? await (await import('./demo.ts')).runDemo(clock, random) : undefined;
  const load = async (): Promise<Configuration> =>
    demo === undefined
      ? accept(await loadConfiguration(flags, environment), logger)
      : ofShard(demo.configuration, flags.shard);
  const exporter = new Exporter({
    configuration: await (first === undefined ? load() : accept(first, logger)),
    load,
    transport,
    clock,
    random,
    logger,
    build: { ...BUILD, nodeVersion },
    processMetrics,
  });
  return { exporter, demo };
}

async function accept(loaded: Loaded, logger: Logger): Promise<Configuration> {
  if (loaded.kind === 'faults') throw new ConfigurationError(loaded.faults);
  // At work, a file that cannot be read fails its own organization only, until the file is there.
  for (const fault of await checkSecretFiles(loaded.secretFiles))
    logger.warn('secret cannot be read', { error: fault });
  for (const { name, pollInterval, maxStaleness } of loaded.configuration.organizations) {
    if (maxStaleness >= pollInterval) continue;
    logger.warn(
      'poll.max_staleness is shorter than the poll interval: the headcount will vanish between polls',
      {
        organization: name,
        max_staleness: `${maxStaleness / 1000}s`,
        poll_interval: `${pollInterval / 1000}s`,
      },
    );
  }
  return loaded.configuration;
}

/** What is wrong with flags and environment that no configuration has to do with. */
async function faultsBesideConfiguration({ flags, environment }: Surroundings): Promise<readonly string[]> {
  return [
    ...flags.listenAddresses.flatMap((address) => faultOf(() => parseListenAddress(address))),
    ...faultOf(() => void proxyFrom(environment).close()),
    // Who serves nothing may be somebody who may not read the key.
    ...(flags.once ? [] : await webFaults(flags)),
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

async function webFaults({ webConfigFile }: Flags): Promise<readonly string[]> {
  if (webConfigFile === undefined) return [];
  const { readWebConfiguration } = await import('./web/access/web-configuration.ts');
  return (await readWebConfiguration(webConfigFile)).faults;
}

function proxyFrom(environment: Environment) {
  const value = (name: string): string | undefined =>
    environment[name.toLowerCase()] || environment[name] || undefined;
  return networkTransport({ httpsProxy: value('HTTPS_PROXY'), noProxy: value('NO_PROXY') });
}
