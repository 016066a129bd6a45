import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const CHUNK_BYTES = 64 * 1024;

/** Files that are open at once: thousands of secrets are read at the same moment, and a process may open few. */
const OPEN_AT_ONCE = 64;

let openFiles = 0;
const waiting: (() => void)[] = [];

/** Why a file cannot be used, in words that follow its path: "it is a directory: …". */
export class UnusableFileError extends Error {}

/**
 * Reads a whole text file that must not be longer than `maximumBytes`.
 * @throws UnusableFileError for a file that is missing, unreadable, no regular file, too long or not UTF-8; never
 * with any of its content.
 */
export async function readTextFile(path: string, maximumBytes: number): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readBytes(path, maximumBytes);
  } catch (error) {
    throw error instanceof UnusableFileError
      ? error
      : new UnusableFileError(explain(error), { cause: error });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UnusableFileError('it is not UTF-8 text');
  }
}

async function readBytes(path: string, maximumBytes: number): Promise<Uint8Array> {
  if (openFiles === OPEN_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else openFiles += 1;
  try {
    return await readOpened(path, maximumBytes);
  } finally {
    // Whoever waits takes over the place.
    const next = waiting.shift();
    if (next === undefined) openFiles -= 1;
    else next();
  }
}

async function readOpened(path: string, maximumBytes: number): Promise<Uint8Array> {
  // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (stat.isDirectory()) throw new UnusableFileError('it is a directory: give the path of a file in it');
    if (!stat.isFile()) throw new UnusableFileError('it is not a regular file');
    const chunks: Uint8Array[] = [];
    for (let length = 0; length <= maximumBytes; ) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, maximumBytes + 1 - length));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) return Buffer.concat(chunks, length);
      chunks.push(chunk.subarray(0, bytesRead));
      length += bytesRead;
    }
    throw new UnusableFileError(`it is longer than ${inWords(maximumBytes)}`);
  } finally {
    await file.close();
  }
}

function inWords(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${bytes / 1024 / 1024} MiB` : `${bytes / 1024} KiB`;
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'it does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied: let the user that runs the exporter read it';
    default:
      return code;
  }
}
