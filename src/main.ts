#!/usr/bin/env node
import { systemClock } from './clock.ts';
import { checkConfiguration, pollOnce, type Serving, type Surroundings, serve } from './commands.ts';
import { ConfigurationError } from './config/configuration-error.ts';
import { parseFlags } from './config/flags.ts';
import { keepYoungSpaceSmall } from './heap.ts';
import { createLog, type Log } from './log.ts';

/** Exit codes, as the README promises them. */
const FINE = 0;
const FAILED = 1;
const MISCONFIGURED = 2;

/** Milliseconds: the first log lines are written that much later, for a start need not wait for them. */
const LOG_DELAY = 100;

/** Milliseconds for what is in flight to end, once the process is told to. */
const LONGEST_STOP = 9_500;

/** Milliseconds for the log to be written out after a fault of ours. */
const LONGEST_LAST_WORD = 1_000;

async function main(): Promise<number> {
  // Whoever read the log is gone (EPIPE), or its disk is full: the headcounts are still there for whoever scrapes.
  process.stderr.on('error', () => {});
  const parsed = parseFlags(process.argv.slice(2), process.env);
  switch (parsed.kind) {
    case 'print':
      await write(process.stdout, parsed.text);
      return FINE;
    case 'fault':
      await write(process.stderr, `${parsed.message}\n`);
      return MISCONFIGURED;
    case 'run': {
      const { flags } = parsed;
      const log = createLog({
        level: flags.logLevel,
        format: flags.logFormat,
        stream: process.stderr,
        wallTime: () => systemClock.wallTime(),
        whenToLoad: (load) => void systemClock.setTimer(load, LOG_DELAY),
      });
      logFaultsOfOurs(log);
      const surroundings: Surroundings = {
        flags,
        environment: process.env,
        clock: systemClock,
        random: Math.random,
        logger: log,
        nodeVersion: process.version,
      };
      try {
        return await run(surroundings);
      } catch (error) {
        if (error instanceof ConfigurationError) {
          await write(process.stderr, `${error.message}\n`);
          return MISCONFIGURED;
        }
        log.error('cannot go on', { error: error instanceof Error ? error.message : String(error) });
        return FAILED;
      } finally {
        await log.end();
      }
    }
  }
}

async function run(surroundings: Surroundings): Promise<number> {
  const { flags } = surroundings;
  if (flags.configCheck) {
    const faults = await checkConfiguration(surroundings);
    await write(
      process.stdout,
      faults.length === 0 ? 'the configuration is valid\n' : `${faults.join('\n')}\n`,
    );
    return faults.length === 0 ? FINE : MISCONFIGURED;
  }
  if (flags.once) {
    const outcome = await Promise.race([pollOnce(surroundings), nextStopSignal()]);
    if (typeof outcome === 'string') {
      surroundings.logger.error('stopped before every poll had ended, nothing is printed', {
        signal: outcome,
      });
      return FAILED;
    }
    await write(process.stdout, outcome.exposition);
    return outcome.succeeded ? FINE : FAILED;
  }
  return serveUntilStopped(surroundings);
}

async function serveUntilStopped(surroundings: Surroundings): Promise<number> {
  const { logger } = surroundings;
  keepYoungSpaceSmall();
  const stopped = nextStopSignal();
  let serving: Serving | undefined;
  // A reload that is asked for before there is anything to reload must not end the process.
  process.on('SIGHUP', () => {
    // The log has what went wrong, and the old configuration goes on.
    serving?.reload().catch(() => {});
  });
  serving = await serve(surroundings);
  const signal = await stopped;
  // Whoever asks again does not want to wait.
  void nextStopSignal().then(() => process.exit(FINE));
  logger.info('stopping', { signal });
  await serving.stop(LONGEST_STOP);
  logger.info('stopped');
  return FINE;
}

function nextStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];
    const stop = (signal: NodeJS.Signals): void => {
      for (const each of signals) process.off(each, stop);
      resolve(signal);
    };
    for (const each of signals) process.on(each, stop);
  });
}

/** What nobody caught is a fault of ours; its message may hold anything, so only its name and places are shown. */
function logFaultsOfOurs(log: Log): void {
  let ending = false;
  const end = (error: unknown): void => {
    // Whatever else goes wrong while the first fault is written must not be written without end.
    if (ending) return;
    ending = true;
    const stack =
      error instanceof Error
        ? error.stack
            ?.match(/^\s+at .*$/gmu)
            ?.slice(0, 8)
            .join(' ')
        : undefined;
    log.error('fault of the exporter, please report it', {
      error: error instanceof Error ? error.name : typeof error,
      stack,
    });
    systemClock.setTimer(() => process.exit(FAILED), LONGEST_LAST_WORD);
    void log.end().finally(() => process.exit(FAILED));
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

function write(stream: NodeJS.WriteStream, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    // A reader that went away (`… | head`) has what it wanted.
    stream.once('error', () => resolve());
    stream.write(text, () => resolve());
  });
}

process.exit(await main());
