import type { Writable } from 'node:stream';
import { createLogger, format, transports } from 'winston';
import type { LogLevel } from './config/flags.ts';
import type { LogFields } from './logger.ts';

/** One event. */
export interface LogEntry {
  /** Wall clock, ms. */
  readonly time: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

/** Writes log entries to a stream, and ends when all of them have been handed to it. */
export interface LogWriter {
  write(entry: LogEntry): void;
  end(): Promise<void>;
}

/** Characters that would break a line, or change how a terminal shows it, though JSON lets them stand. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** One line for each event, to the stream: winston with the two formats that the ecosystem reads. */
export function openLogWriter(level: LogLevel, name: 'logfmt' | 'json', stream: Writable): LogWriter {
  const line = name === 'json' ? jsonLine : logfmtLine;
  const logger = createLogger({
    level,
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    format: format.printf(({ level, message, fields, time }) =>
      line({
        time: new Date(Number(time)).toISOString(),
        level,
        msg: String(message),
        ...(typeof fields === 'object' ? fields : undefined),
      }),
    ),
    transports: [new transports.Stream({ stream, eol: '\n' })],
  });
  return {
    write: ({ time, level, message, fields }) => void logger.log({ level, message, fields, time }),
    end: () =>
      new Promise((resolve) => {
        logger.once('finish', () => resolve());
        logger.end();
      }),
  };
}

function jsonLine(entry: LogFields): string {
  return escapeUnsafe(JSON.stringify(entry));
}

function logfmtLine(entry: LogFields): string {
  return Object.entries(entry)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${logfmtValue(String(value))}`)
    .join(' ');
}

/** Quoted wherever a reader of logfmt could take it for something else. */
function logfmtValue(value: string): string {
  return /^[^\s"=\\\p{Cc}\p{Cf}]+$/u.test(value) ? value : escapeUnsafe(JSON.stringify(value));
}

function escapeUnsafe(json: string): string {
  return json.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
