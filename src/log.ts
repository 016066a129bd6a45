import type { Writable } from 'node:stream';
import type { LogLevel } from './config/flags.ts';
import type { LogEntry, LogWriter } from './log-writer.ts';
import type { LogFields, Logger } from './logger.ts';

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'logfmt' | 'json';
  readonly stream: Writable;
  /** Wall clock, ms. */
  readonly wallTime: () => number;
  /** Decides when what writes is loaded, once there is something to write; at once unless given. */
  readonly whenToLoad?: (load: () => void) => void;
}

/** A log, and how to end it when everything that was logged has been handed to the stream. */
export interface Log extends Logger {
  end(): Promise<void>;
}

/**
 * Keeps what is logged, with its time and in its order, until winston is loaded: that takes longer than a first
 * poll, which must not wait for it.
 */
export function createLog(options: LogOptions): Log {
  const { level, format, stream, wallTime, whenToLoad = (load) => load() } = options;
  const early: LogEntry[] = [];
  let writer: LogWriter | undefined;
  let opening: Promise<LogWriter> | undefined;

  const open = async (): Promise<LogWriter> => {
    const { openLogWriter } = await import('./log-writer.ts');
    writer = openLogWriter(level, format, stream);
    for (const entry of early.splice(0)) writer.write(entry);
    return writer;
  };
  const opened = (): Promise<LogWriter> => {
    opening ??= open();
    return opening;
  };
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    const entry: LogEntry = { time: wallTime(), level, message, fields };
    if (writer !== undefined) {
      writer.write(entry);
      return;
    }
    early.push(entry);
    if (early.length === 1 && opening === undefined) whenToLoad(() => void opened());
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    end: async () => (await opened()).end(),
  };
}
