import { constants, openSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { stdin } from 'node:process';
import { addAbortSignal } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import pLimit from 'p-limit';

/** Thousands of secret files may be read at once, and the number of open files is limited. */
const limit = pLimit(32);

const STANDARD_INPUT = '/dev/stdin';

/** Milliseconds between two attempts to read a pipe that has no writer yet. */
const PIPE_RETRY = 50;

export interface ReadOptions {
  /** Milliseconds to wait for a pipe or standard input; without it only regular files are read. */
  readonly pipeTimeout?: number;
}

/**
 * Reads a whole UTF-8 file of up to `maximumBytes`. A pipe can be read only once.
 *
 * @throws Error whose message follows the path, as in "it does not exist"; never with any of the content
 */
export function readTextFile(path: string, maximumBytes: number, options: ReadOptions = {}): Promise<string> {
  return limit(async () => {
    const bytes = await readBytes(path, maximumBytes, options).catch((error: unknown) => {
      throw explain(error);
    });
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      throw new Error('it is not UTF-8 text');
    }
  });
}

async function readBytes(
  path: string,
  maximumBytes: number,
  { pipeTimeout }: ReadOptions,
): Promise<Uint8Array> {
  if (path === STANDARD_INPUT && pipeTimeout !== undefined) return readPipe(path, maximumBytes, pipeTimeout);
  const status = await stat(path);
  if (status.isDirectory()) throw new Error('it is a directory: give the path of a file in it');
  if (status.isFIFO() && pipeTimeout !== undefined) return readPipe(path, maximumBytes, pipeTimeout);
  if (!status.isFile()) throw new Error('it is not a regular file');
  if (status.size > maximumBytes) throw tooLong(maximumBytes);
  const bytes = await readFile(path);
  if (bytes.length > maximumBytes) throw tooLong(maximumBytes);
  return bytes;
}

/** Reads as a socket: `readFile` on a pipe cannot be aborted and delays the exit. */
async function readPipe(path: string, maximumBytes: number, timeout: number): Promise<Uint8Array> {
  if (path === STANDARD_INPUT && stdin.readableEnded)
    throw new Error('it was read before, and can be read only once');
  const signal = AbortSignal.timeout(timeout);
  try {
    for (;;) {
      // Standard input may be a socket, which cannot be opened by its path.
      const stream = path === STANDARD_INPUT ? stdin : openPipe(path);
      const chunks: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of addAbortSignal(signal, stream)) {
        chunks.push(chunk);
        length += chunk.length;
        if (length > maximumBytes) throw tooLong(maximumBytes);
      }
      if (length > 0 || stream === stdin) return Buffer.concat(chunks);
      // The pipe has no writer yet.
      await setTimeout(PIPE_RETRY, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Error(
      `it is a pipe that was not written and closed within ${timeout / 1000}s; it can be read only once`,
    );
  }
}

function openPipe(path: string): Socket {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}

function tooLong(maximumBytes: number): Error {
  return new Error(`it is longer than ${maximumBytes / 1024} KiB`);
}

function explain(error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'it does not exist',
    ENOTDIR: 'it does not exist',
    EACCES: 'permission denied: let the user that runs the exporter read it',
    EPERM: 'permission denied: let the user that runs the exporter read it',
  };
  return new Error(words[code] ?? code, { cause: error });
}
