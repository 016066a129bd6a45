import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Encoding } from './load.ts';

/** A server in a process of its own. */
export interface Program {
  readonly port: number;
  signal(name: NodeJS.Signals): void;
  /** MB. */
  residentMemory(): number;
  stop(): Promise<void>;
}

/** A built program of the benchmark. */
export function ownProgram(name: string): string {
  return new URL(`${name}.js`, import.meta.url).pathname;
}

/** The environment without what would configure the exporter, or slow the start of Node.js itself. */
const PLAIN_ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:DINGTALK|NODE)_/u.test(name)),
);

/** Starts a program; resolves once it has said on stderr where it listens. @throws Error where it ends instead. */
export async function start(
  path: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const child = spawn(process.execPath, [path, ...args], {
    env: { ...PLAIN_ENVIRONMENT, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  let said = '';
  const port = await new Promise<number>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-10_000);
      const found = /address=127\.0\.0\.1:(\d+)/u.exec(said)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once('exit', (code) => reject(new Error(`${path} ended with ${code}:\n${said}`)));
  });
  return {
    port,
    signal: (name) => void child.kill(name),
    residentMemory() {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB$/mu.exec(status)?.[1]) / 1024;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** One answer, its body as it was sent. */
export interface Fetched {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** @throws Error where the answer is not 200. */
export async function fetchFrom(port: number, path: string, encoding: Encoding = 'plain'): Promise<Fetched> {
  const headers = encoding === 'gzip' ? { 'accept-encoding': 'gzip' } : {};
  const request = get({ port, host: '127.0.0.1', path, agent: false, headers });
  const [response] = await once(request, 'response');
  if (response.statusCode !== 200) throw new Error(`${path} answered ${response.statusCode}`);
  return { headers: response.headers, body: await buffer(response) };
}

/** Resolves once an answer of a server is as wanted. */
export async function untilAnswered(
  port: number,
  path: string,
  isWanted: (text: string) => boolean,
): Promise<void> {
  const deadline = performance.now() + 10 * 60_000;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const { body } = await fetchFrom(port, path);
      if (isWanted(String(body))) return;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`${path} on port ${port} is not answered as wanted`, { cause: last });
}
