import { fstatSync, writeFileSync } from 'node:fs';
import { systemClock } from './clock.ts';
import { type Context, check, once, serve } from './commands.ts';
import { ConfigurationError } from './config/fault.ts';
import { parseFlags } from './config/flags.ts';
import { createLog, describeBug, type Log } from './log.ts';

const SUCCESS = 0;
const FAILURE = 1;
const MISCONFIGURED = 2;

/** Milliseconds for calls and requests in flight to end after a signal to stop. */
const STOP_TIMEOUT = 9_500;

/** Milliseconds to write the log after a bug. */
const LOG_TIMEOUT = 1_000;

/** Registers the handler of SIGHUP. */
export type OnHangup = (callback: () => void) => void;

/** Runs the program as flags and environment say. @returns the exit code. */
export async function main(onHangup: OnHangup): Promise<number> {
  // If the log cannot be written (a closed pipe, a full disk), the exporter continues.
  process.stderr.on('error', () => {});
  const parsed = parseFlags(process.argv.slice(2), process.env);
  const flags = parsed.kind === 'run' ? parsed.flags : undefined;
  const log = createLog({
    level: flags?.logLevel ?? 'info',
    format: flags?.logFormat ?? 'logfmt',
    stream: process.stderr,
    wallTime: () => systemClock.wallTime(),
  });
  exitOnBug(log);
  try {
    switch (parsed.kind) {
      case 'print':
        await printForReader(parsed.text);
        return SUCCESS;
      case 'fault':
        throw new ConfigurationError([parsed.message]);
      case 'run':
        return await run(
          {
            flags: parsed.flags,
            environment: process.env,
            clock: systemClock,
            random: Math.random,
            logger: log,
            nodeVersion: process.version,
          },
          onHangup,
        );
    }
  } catch (error) {
    if (error instanceof ConfigurationError) {
      await new Promise((resolve) => process.stderr.write(`${error.message}\n`, resolve));
      return MISCONFIGURED;
    }
    log.error('exporter failed', { error: error instanceof Error ? error.message : String(error) });
    return FAILURE;
  } finally {
    await log.end();
  }
}

async function run(context: Context, onHangup: OnHangup): Promise<number> {
  const { flags, logger } = context;
  if (flags.configCheck) {
    const { faults, summary } = await check(context);
    await printForReader(`${faults.length === 0 ? summary : faults.join('\n')}\n`);
    return faults.length === 0 ? SUCCESS : MISCONFIGURED;
  }
  if (flags.once) {
    const outcome = await Promise.race([once(context), stopSignal('SIGTERM', 'SIGINT', 'SIGHUP')]);
    if (typeof outcome === 'string') {
      logger.error('stopped before every poll had ended, nothing is printed', { signal: outcome });
      return FAILURE;
    }
    await print(outcome.exposition);
    return outcome.succeeded ? SUCCESS : FAILURE;
  }
  const stopped = stopSignal('SIGTERM', 'SIGINT');
  const serving = await Promise.race([serve(context), stopped]);
  if (typeof serving === 'string') {
    logger.info('stopped before it served', { signal: serving });
    return SUCCESS;
  }
  // A failed reload is logged.
  onHangup(() => void serving.reload().catch(() => {}));
  const signal = await stopped;
  void stopSignal('SIGTERM', 'SIGINT').then(() => process.exit(SUCCESS));
  logger.info('stopping', { signal });
  await serving.stop(STOP_TIMEOUT);
  logger.info('stopped');
  return SUCCESS;
}

/** Resolves with the first of these signals. */
function stopSignal(...signals: readonly NodeJS.Signals[]): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      for (const each of signals) process.off(each, stop);
      resolve(signal);
    };
    for (const each of signals) process.on(each, stop);
  });
}

/** An uncaught exception is a bug. */
function exitOnBug(log: Log): void {
  process.once('uncaughtException', (error) => {
    // Others are ignored while this one is logged.
    process.on('uncaughtException', () => {});
    log.error('bug in the exporter, please report it', describeBug(error));
    systemClock.setTimer(() => process.exit(FAILURE), LOG_TIMEOUT);
    void log.end().finally(() => process.exit(FAILURE));
  });
}

/** Writes text for a person to stdout. A reader that has closed the pipe, such as `head`, is no error. */
async function printForReader(text: string): Promise<void> {
  await print(text).catch((error: Error) => {
    if ((error.cause as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  });
}

/** Writes to stdout. @throws Error if not all of it can be written. */
async function print(text: string | Buffer): Promise<void> {
  const { stdout } = process;
  try {
    // Node's stream does not notice a partial write to a file.
    if (fstatSync(stdout.fd).isFile()) writeFileSync(stdout.fd, Buffer.from(text));
    else {
      await new Promise<void>((resolve, reject) => {
        stdout.once('error', reject);
        stdout.write(text, (error) => (error ? reject(error) : resolve()));
      });
    }
  } catch (error) {
    throw new Error(`cannot write to stdout: ${(error as Error).message}`, { cause: error });
  }
}
