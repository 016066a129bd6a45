import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ownProgram } from './program.ts';

/** How the scrapes of one server went. */
export interface Load {
  readonly perSecond: number;
  /** Milliseconds: 99 of 100 scrapes took no longer. */
  readonly p99: number;
}

export type Encoding = 'plain' | 'gzip';

/** How many scrape at once, each again as soon as it is answered. */
const CONNECTIONS = '4';

const run = promisify(execFile);

/** wrk where it is installed, else our own. */
export const generator: 'wrk' | 'built-in load generator' = await run('wrk', ['-v']).then(
  () => 'wrk',
  // It exits with 1 for -v; only where it is missing is there an errno.
  (error) => (error.code === 'ENOENT' ? 'built-in load generator' : 'wrk'),
);

/** Scrapes a port for some seconds. */
export async function load(port: number, encoding: Encoding, seconds: number): Promise<Load> {
  if (generator === 'wrk') return loadWithWrk(port, encoding, seconds);
  const args = [ownProgram('load-generator'), String(port), CONNECTIONS, String(seconds), encoding];
  const { stdout } = await run(process.execPath, args);
  return JSON.parse(stdout);
}

async function loadWithWrk(port: number, encoding: Encoding, seconds: number): Promise<Load> {
  const gzip = encoding === 'gzip' ? ['-H', 'Accept-Encoding: gzip'] : [];
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout=10s', '--latency', ...gzip];
  const { stdout } = await run('wrk', [...args, `http://127.0.0.1:${port}/metrics`]);
  const [, latency, unit = ''] = /99%\s+([\d.]+)(us|ms|s|m)/u.exec(stdout) ?? [];
  const scale = { us: 1e-3, ms: 1, s: 1e3, m: 6e4 }[unit];
  const perSecond = /Requests\/sec:\s+([\d.]+)/u.exec(stdout)?.[1];
  if (scale === undefined || perSecond === undefined || /Socket errors|Non-2xx/u.test(stdout)) {
    throw new Error(`scrapes failed:\n${stdout}`);
  }
  return { perSecond: Number(perSecond), p99: Number(latency) * scale };
}
