import { open } from 'node:fs/promises';
import type { SecretSource } from './credentials.ts';

/** Secrets are a line of text; a larger file is a mistake, and it is not read into memory. */
const LARGEST_SECRET_FILE = 64 * 1024;

const REASONS_FOR_NOT_READING: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist: create it or correct the path',
  EACCES: 'may not be read: give the exporter’s user read permission',
  EISDIR: 'is a directory: give the path of a file',
};

/**
 * The secret itself, without white space around it. A file is read anew at each call, so that a rotated
 * secret needs no restart.
 *
 * @throws Error whose message names the file and the mend, never the content.
 */
export async function readSecret(source: SecretSource): Promise<string> {
  if (source.kind === 'inline') return source.value;
  const text = await readSmallFile(source.path);
  const secret = text.trim();
  if (secret === '') throw new Error(`secret file ${source.path} is empty: write the secret into it`);
  return secret;
}

async function readSmallFile(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const status = await file.stat();
      if (status.isDirectory()) throw Object.assign(new Error('directory'), { code: 'EISDIR' });
      const buffer = Buffer.alloc(LARGEST_SECRET_FILE + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length);
        length += bytesRead;
        if (bytesRead === 0 || length === buffer.length) break;
      }
      if (length > LARGEST_SECRET_FILE) throw Object.assign(new Error('too large'), { code: 'EFBIG' });
      return buffer.toString('utf8', 0, length);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const known =
      code === 'EFBIG'
        ? `is larger than ${LARGEST_SECRET_FILE} bytes: it holds something else than a secret`
        : REASONS_FOR_NOT_READING[code];
    throw new Error(`secret file ${path} ${known ?? `cannot be read (${code})`}`, { cause: error });
  }
}
