import { readTextFile } from '../read-file.ts';
import type { SecretSource } from './credentials.ts';

/** Far more than any secret, token or ticket has; a longer file was meant for something else. */
const MAXIMUM_BYTES = 64 * 1024;

/**
 * The secret itself, without white space around it. A file is read anew at each call, so that a rotated secret
 * needs no restart.
 * @throws Error that names the file and the mend, never the content, for a file that is missing, unreadable, no
 * regular file, empty, longer than 64 KiB or not UTF-8.
 */
export async function readSecret(source: SecretSource): Promise<string> {
  switch (source.kind) {
    case 'inline':
      return source.value.trim();
    case 'file': {
      const secret = (await read(source.path)).trim();
      if (secret === '') throw new Error(`secret file ${source.path}: it is empty: write the secret into it`);
      return secret;
    }
  }
}

async function read(path: string): Promise<string> {
  try {
    return await readTextFile(path, MAXIMUM_BYTES);
  } catch (error) {
    throw new Error(`secret file ${path}: ${error instanceof Error ? error.message : 'cannot be read'}`, {
      cause: error,
    });
  }
}
