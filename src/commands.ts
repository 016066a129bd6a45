import { BUILD } from './build-info.ts';
import type { Clock } from './clock.ts';
import type { Configuration } from './config/configuration.ts';
import { ConfigurationError } from './config/configuration-error.ts';
import { type Environment, variablesThatAreSet } from './config/environment.ts';
import type { Flags } from './config/flags.ts';
import { checkConfiguration, type LoadedConfiguration, loadConfiguration, ofShard } from './config/load.ts';
import type { RunningDemo } from './demo/demo.ts';
import { networkTransport } from './dingtalk/transport.ts';
import { Exporter } from './exporter.ts';
import type { Logger } from './logger.ts';
import type { Random } from './polling/retry.ts';
import { parseListenAddress } from './web/listen-address.ts';
import { renderPage } from './web/page/page.ts';
import { startWeb, type Web } from './web/server.ts';
import { checkWebConfiguration } from './web/web-config/web-configuration.ts';

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

/** What `--config.check` prints. */
export interface CheckResult {
  readonly valid: boolean;
  readonly lines: readonly string[];
}

/** Every fault of the configuration, of the files with secrets, and of whatever else a start would stumble over. */
export async function check(surroundings: Surroundings): Promise<CheckResult> {
  const { flags, environment, logger } = surroundings;
  const { faults, warnings, summary } = await checkConfiguration(flags, environment);
  for (const warning of warnings) logger.warn(warning);
  const all = [...faults, ...(await faultsBesideConfiguration(surroundings))];
  return all.length === 0 ? { valid: true, lines: [summary] } : { valid: false, lines: all };
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
    web = await startWeb(
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
  } catch (error) {
    await exporter.close();
    await prepared.demo?.close();
    throw error;
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

interface Prepared {
  readonly exporter: Exporter;
  readonly demo: RunningDemo | undefined;
}

async function prepare(surroundings: Surroundings, processMetrics: boolean): Promise<Prepared> {
  const { flags, environment, clock, random, logger, nodeVersion } = surroundings;
  const beside = await faultsBesideConfiguration(surroundings);
  const first = flags.demo ? undefined : await loadBeside(surroundings, beside);
  if (beside.length > 0) throw new ConfigurationError(beside);
  const unused = flags.demo ? variablesThatAreSet(environment) : [];
  if (unused.length > 0) {
    logger.warn('the demo does not use the credentials in the environment', { variables: unused.join(' ') });
  }
  const transport = proxyFrom(environment);
  const demo = flags.demo ? await (await import('./demo/demo.ts')).runDemo(clock, random) : undefined;
  const load = async (): Promise<Configuration> =>
    demo === undefined
      ? accept(await loadConfiguration(flags, environment), logger)
      : ofShard(demo.configuration, flags.shard);
  const exporter = new Exporter({
    configuration: first === undefined ? await load() : accept(first, logger),
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

/** Loads the configuration, and tells its faults together with those of everything else. */
async function loadBeside(
  { flags, environment }: Surroundings,
  faults: readonly string[],
): Promise<LoadedConfiguration> {
  try {
    return await loadConfiguration(flags, environment);
  } catch (error) {
    throw error instanceof ConfigurationError ? new ConfigurationError([...error.faults, ...faults]) : error;
  }
}

function accept({ configuration, warnings }: LoadedConfiguration, logger: Logger): Configuration {
  for (const warning of warnings) logger.warn(warning);
  return configuration;
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
  return webConfigFile === undefined ? [] : checkWebConfiguration(webConfigFile);
}

function proxyFrom(environment: Environment) {
  const value = (name: string): string | undefined =>
    environment[name.toLowerCase()] || environment[name] || undefined;
  return networkTransport({ httpsProxy: value('HTTPS_PROXY'), noProxy: value('NO_PROXY') });
}
