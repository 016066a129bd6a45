import { quote } from './quote.ts';

/** Where in a configuration something stands: keys of maps and positions in lists. */
export type Path = readonly (string | number)[];

/** What is wrong with a configuration, and where. The message follows the path and a colon. */
export interface Fault {
  readonly path: Path;
  readonly message: string;
}

/** Writes `path: what is wrong`. */
export function formatFault({ path, message }: Fault): string {
  return path.length === 0 ? message : `${formatPath(path)}: ${message}`;
}

/** With a blank or a colon forgotten, what a person meant for a value becomes part of the key: maybe a secret. */
function withoutValue(key: string): string {
  return key.replace(/[:=\s].*/s, '…');
}

/** Writes a path as a person would: `organizations[1].poll_interval`; empty for the whole. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_]\w{0,99}$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${quote(withoutValue(step))}]`;
  }
  return text;
}
