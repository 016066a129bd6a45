import type { Writable } from 'node:stream';
import { createLogger, format, transports } from 'winston';
import type { LogFormat, LogLevel } from './config/flags.ts';

/** The fields of a log line. Undefined ones are omitted. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Logs events. No field may contain a secret. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A logger that writes to a stream. */
export interface Log extends Logger {
  /** Resolves when all lines have been written to the stream. */
  end(): Promise<void>;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly stream: Writable;
  /** Milliseconds since the Unix epoch. */
  readonly wallTime: () => number;
}

/** Characters that JSON does not escape, but that break a line or affect a terminal. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Writes one line for each event, as logfmt or JSON. */
export function createLog({ level, format: name, stream, wallTime }: LogOptions): Log {
  const toLine = name === 'json' ? toJson : toLogfmt;
  const winston = createLogger({
    level,
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    format: format.printf(({ level, message, time, fields }) =>
      toLine({
        time: new Date(Number(time)).toISOString(),
        level,
        msg: String(message),
        ...(typeof fields === 'object' ? fields : undefined),
      }),
    ),
    transports: [new transports.Stream({ stream, eol: '\n' })],
  });
  const at = (level: LogLevel) => (message: string, fields?: LogFields) =>
    void winston.log({ level, message, time: wallTime(), fields });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    end: () =>
      new Promise((resolve) => {
        winston.once('finish', () => resolve());
        winston.end();
      }),
  };
}

function toJson(fields: LogFields): string {
  return escapeUnsafe(JSON.stringify(fields));
}

function toLogfmt(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${logfmtValue(String(value))}`)
    .join(' ');
}

function logfmtValue(value: string): string {
  return /^[^\s"=\\\p{Cc}\p{Cf}]+$/u.test(value) ? value : escapeUnsafe(JSON.stringify(value));
}

function escapeUnsafe(json: string): string {
  return json.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Name, code and stack of an unexpected error. Its message could contain a secret. */
export function describeBug(error: unknown): { readonly error: string; readonly stack: string | undefined } {
  if (!(error instanceof Error)) return { error: typeof error, stack: undefined };
  const places = error.stack?.match(/^\s+at .*$/gmu);
  const name = 'code' in error ? `${error.name} ${error.code}` : error.name;
  return { error: name, stack: places?.slice(0, 8).join(' ') };
}
