import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { numberIn, programPath, startProgram } from './program.ts';

/** How the scrapes of one server went. */
export interface Load {
  readonly perSecond: number;
  /** Milliseconds: 99 of 100 scrapes took no longer. */
  readonly p99: number;
}

export type Encoding = 'plain' | 'gzip';

const CONNECTIONS = 4;

const run = promisify(execFile);

/** The generator at hand: wrk where it is on the PATH, else our own. */
export const generator: 'wrk' | 'built in' = isOnPath('wrk') ? 'wrk' : 'built in';

/** Scrapes a port on four connections at once for some seconds, each connection again as soon as it is answered. */
export function load(port: number, encoding: Encoding, seconds: number): Promise<Load> {
  return generator === 'wrk' ? loadWithWrk(port, encoding, seconds) : loadOfOurOwn(port, encoding, seconds);
}

async function loadWithWrk(port: number, encoding: Encoding, seconds: number): Promise<Load> {
  const { stdout } = await run('wrk', [
    '-t1',
    `-c${CONNECTIONS}`,
    `-d${seconds}s`,
    '--timeout=10s',
    '--latency',
    ...(encoding === 'gzip' ? ['-H', 'Accept-Encoding: gzip'] : []),
    `http://127.0.0.1:${port}/metrics`,
  ]);
  if (/Socket errors|Non-2xx/u.test(stdout)) throw new Error(`scrapes failed:\n${stdout}`);
  const [, latency, unit = ''] = /99%\s+([\d.]+)(us|ms|s|m)/u.exec(stdout) ?? [];
  const scale = { us: 1e-3, ms: 1, s: 1e3, m: 6e4 }[unit];
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/u.exec(stdout)?.[1]);
  if (scale === undefined || Number.isNaN(perSecond))
    throw new Error(`cannot read what wrk says:\n${stdout}`);
  return { perSecond, p99: Number(latency) * scale };
}

async function loadOfOurOwn(port: number, encoding: Encoding, seconds: number): Promise<Load> {
  const program = await startProgram(programPath('load-generator'), {
    arguments: [String(port), String(CONNECTIONS), String(seconds), encoding],
  });
  return { perSecond: numberIn(program.hello, 'perSecond'), p99: numberIn(program.hello, 'p99') };
}

function isOnPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
