import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'yaml';
import { z } from 'zod';

const pair = z.tuple([z.number(), z.string()]).transform(([at, value]) => ({ at, value: Number(value) }));
const labels = z.record(z.string(), z.string());

const vector = z.object({
  resultType: z.literal('vector'),
  result: z.array(z.object({ metric: labels, value: pair })),
});
const matrix = z.object({
  resultType: z.literal('matrix'),
  result: z.array(z.object({ metric: labels, values: z.array(pair) })),
});

export type Vector = z.infer<typeof vector>['result'];
export type Matrix = z.infer<typeof matrix>['result'];

const answer = z.object({ status: z.string(), error: z.string().optional(), data: z.unknown() });

/** How long anything may take until the test gives up (ms). */
const DEADLINE = 30_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** Asks again and again until the answer is yes, or throws with what it last said. */
export async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE;
  let last: unknown = 'no';
  while (performance.now() < deadline) {
    try {
      if (await ask()) return;
      last = 'no';
    } catch (error) {
      last = error;
    }
    await pause(50);
  }
  throw new Error(`${what}: not within ${DEADLINE / 1000} s; last answer: ${String(last)}`);
}

export interface PrometheusOptions {
  readonly prometheus: string;
  readonly promtool: string;
  /** What has been scraped before, in OpenMetrics' text format. */
  readonly history: string;
  readonly scrapeConfigs: readonly unknown[];
}

/** A real Prometheus in a folder of its own, with a past. */
export class PrometheusServer {
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #url: string;
  #log = '';

  private constructor(folder: string, process: ChildProcess, url: string) {
    this.#folder = folder;
    this.#process = process;
    this.#url = url;
    process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-20_000);
    });
  }

  static async start(options: PrometheusOptions): Promise<PrometheusServer> {
    const folder = mkdtempSync(join(tmpdir(), 'dashboard-prometheus-'));
    const data = join(folder, 'data');
    const history = join(folder, 'history.txt');
    const config = join(folder, 'prometheus.yml');
    writeFileSync(history, options.history);
    writeFileSync(config, stringify({ scrape_configs: options.scrapeConfigs }));
    execFileSync(options.promtool, [
      'tsdb',
      'create-blocks-from',
      'openmetrics',
      '--quiet',
      '--max-block-duration=162h',
      history,
      data,
    ]);
    const address = `127.0.0.1:${await freePort()}`;
    const process = spawn(
      options.prometheus,
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${data}`,
        '--storage.tsdb.retention.time=1y',
        `--web.listen-address=${address}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const server = new PrometheusServer(folder, process, `http://${address}`);
    try {
      await until('Prometheus is ready', () => server.#isReady());
    } catch (error) {
      await server.stop();
      throw new Error(`Prometheus did not start:\n${server.#log}`, { cause: error });
    }
    return server;
  }

  async #isReady(): Promise<boolean> {
    const response = await fetch(`${this.#url}/-/ready`, { signal: AbortSignal.timeout(DEADLINE) });
    return response.ok;
  }

  /** @param at seconds since the epoch; now where absent */
  async instant(query: string, at?: number): Promise<Vector> {
    const time: Record<string, string> = at === undefined ? {} : { time: String(at) };
    return vector.parse(await this.#ask('query', { query, ...time })).result;
  }

  async range(query: string, start: number, end: number, step: number): Promise<Matrix> {
    const times = { start: String(start), end: String(end), step: String(step) };
    return matrix.parse(await this.#ask('query_range', { query, ...times })).result;
  }

  async labelValues(series: string, label: string, start: number, end: number): Promise<string[]> {
    const parameters = { 'match[]': series, start: String(start), end: String(end) };
    const query = new URLSearchParams(parameters);
    return z.array(z.string()).parse(await this.#get(`label/${label}/values?${query}`));
  }

  #ask(path: string, parameters: Record<string, string>): Promise<unknown> {
    return this.#get(path, new URLSearchParams(parameters));
  }

  async #get(path: string, body?: URLSearchParams): Promise<unknown> {
    const signal = AbortSignal.timeout(DEADLINE);
    const request = body === undefined ? { signal } : { method: 'POST', body, signal };
    const response = await fetch(`${this.#url}/api/v1/${path}`, request);
    const { status, error, data } = answer.parse(await response.json());
    if (status !== 'success') throw new Error(`Prometheus refused ${body ?? path}: ${error}`);
    return data;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true });
  }
}
