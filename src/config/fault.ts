import type * as z from 'zod';
import { nearest } from './nearest.ts';

/** Where in a configuration a value is: keys of maps and positions in lists. */
export type Path = readonly (string | number)[];

/** What is wrong with a configuration, and where. The message follows the path and a colon; no secret is in it. */
export interface Fault {
  readonly path: Path;
  readonly message: string;
}

/** A configuration that cannot be used, with every fault as one line: `file:line: path: what is wrong`. No secret is in any of them. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

/** `path: what is wrong`. */
export function formatFault({ path, message }: Fault): string {
  return path.length === 0 ? message : `${formatPath(path)}: ${message}`;
}

/** A path as in `organizations[1].poll_interval`; empty for the whole. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_]\w{0,99}$/.test(step)) text += text === '' ? step : `.${step}`;
    // In `key:value` without a space the value is part of the key, and may be a secret.
    else text += `[${quote(step.replace(/[:=\s].*/s, '…'))}]`;
  }
  return text;
}

const MAXIMUM_QUOTE = 60;

/** A text in quotes, on one line, shortened where it is long. */
export function quote(text: string): string {
  const characters = Array.from(text.slice(0, 2 * MAXIMUM_QUOTE + 2));
  const shown =
    characters.length > MAXIMUM_QUOTE ? `${characters.slice(0, MAXIMUM_QUOTE - 1).join('')}…` : text;
  // JSON leaves DEL and the C1 controls as they are, and some terminals act on them.
  return JSON.stringify(shown).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Types of zod and JavaScript in words; any other is a number. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

/** The type of a value in words. It never shows the value. */
export function typeOf(value: unknown): string {
  return TYPES[Array.isArray(value) ? 'array' : typeof value] ?? 'a number';
}

/** What is wrong with a value of the wrong type. It never shows the value. */
export function describeIssue({ code, input, ...issue }: z.core.$ZodRawIssue): string {
  if (input === undefined) return 'is missing';
  if (input === null) return 'has no value: write one, or remove the key';
  const expected = code === 'invalid_type' ? (TYPES[String(issue['expected'])] ?? 'a number') : 'text';
  const isUnquoted = expected === 'text' && (typeof input === 'number' || typeof input === 'boolean');
  return `is ${typeOf(input)}, but ${expected} is expected${isUnquoted ? ': put it in quotes' : ''}`;
}

/** The faults that an issue of a zod schema stands for. For unknown keys, `keysAt` names those that the map at a path may have. */
export function faultsOfIssue(issue: z.core.$ZodIssue, keysAt: (path: Path) => readonly string[]): Fault[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ path, message }));
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  const known = keysAt(path);
  return issue.keys.map((key) => {
    const meant = nearest(key, known);
    const hint = meant === undefined ? ` (known keys: ${known.join(', ')})` : `: did you mean ${meant}?`;
    return { path: [...path, key], message: `unknown key${hint}` };
  });
}
