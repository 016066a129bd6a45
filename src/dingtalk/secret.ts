import { readTextFile } from '../read-file.ts';
import type { SecretSource } from './credentials.ts';

/** Placeholders of shells and template engines, which are never expanded. */
export const PLACEHOLDER = /^(?:\$\{.*\}|\$[A-Z_][A-Z0-9_]*|\$\(.*\)|\{\{.*\}\})$/s;

/** Far longer than any secret, token or ticket. */
const MAXIMUM_BYTES = 64 * 1024;

/**
 * The secret, without surrounding white space. A file is read at each call, so that a rotated secret needs no restart.
 *
 * @throws Error with the file and what to do, never the content, if the file cannot be read, is longer than 64 KiB, or
 * does not contain exactly one secret.
 */
export async function readSecret(source: SecretSource): Promise<string> {
  if (source.kind === 'inline') return source.value.trim();
  try {
    const secret = (await readTextFile(source.path, MAXIMUM_BYTES)).trim();
    const fault = faultOf(secret);
    if (fault !== undefined) throw new Error(fault);
    return secret;
  } catch (error) {
    const message = error instanceof Error ? error.message : 'cannot be read';
    throw new Error(`secret file ${source.path}: ${message}`, { cause: error });
  }
}

function faultOf(secret: string): string | undefined {
  if (secret === '') return 'it is empty: write the secret into it';
  if (/[\r\n]/u.test(secret)) return 'it has several lines: write the secret alone into it';
  if (/\p{Cc}/u.test(secret))
    return 'it has control characters such as NUL: write the secret into it as text';
  if (PLACEHOLDER.test(secret))
    return 'it contains a placeholder, which is not expanded: write the secret itself into it';
  return undefined;
}
