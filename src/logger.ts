/** What may stand beside a log message. A field that is undefined is left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where the rooms of the house write their log lines. No field may hold a secret. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
