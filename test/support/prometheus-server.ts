import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { Service } from './service.ts';

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
const ruleGroups = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          name: z.string(),
          type: z.enum(['recording', 'alerting']),
          health: z.enum(['ok', 'err', 'unknown']),
          lastError: z.string().optional(),
        }),
      ),
    }),
  ),
});

/** Series with one value each. Times are seconds since the epoch. */
export type Vector = z.infer<typeof vector>['result'];
/** Series with any number of values each. Times are seconds since the epoch. */
export type Matrix = z.infer<typeof matrix>['result'];
/** A rule that was loaded, and the result of its last evaluation. */
type LoadedRule = z.infer<typeof ruleGroups>['groups'][number]['rules'][number];

const answer = z.object({ status: z.string(), error: z.string().optional(), data: z.unknown() });

interface PrometheusOptions {
  /** Path of the program. */
  readonly prometheus: string;
  /** `prometheus.yml` as text or as an object. */
  readonly configuration: string | object;
  /** Other files in its folder: texts by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Samples to backfill, in OpenMetrics' text format, and the path of `promtool`. */
  readonly history?: { readonly promtool: string; readonly text: string };
}

/** A real Prometheus with nothing but what it is given. */
export class PrometheusServer {
  readonly #service: Service;

  private constructor(service: Service) {
    this.#service = service;
  }

  /** Resolves once it answers queries. */
  static async start(options: PrometheusOptions): Promise<PrometheusServer> {
    const { prometheus, configuration, files = {}, history } = options;
    const service = await Service.start(prometheus, (folder) => {
      const data = join(folder.path, 'data');
      for (const [path, text] of Object.entries(files)) folder.write(path, text);
      if (history !== undefined) backfill(history.promtool, folder.write('history.txt', history.text), data);
      const text = typeof configuration === 'string' ? configuration : stringify(configuration);
      return [
        `--config.file=${folder.write('prometheus.yml', text)}`,
        `--storage.tsdb.path=${data}`,
        '--storage.tsdb.retention.time=1y',
      ];
    });
    return new PrometheusServer(service);
  }

  /** `host:port` */
  get address(): string {
    return this.#service.address;
  }

  /** @param at seconds since the epoch; now where absent */
  async instant(query: string, at?: number): Promise<Vector> {
    return vector.parse(await this.#ask('query', { query, ...timeOf(at) })).result;
  }

  /** The raw samples of a duration such as `10m`. */
  async samples(selector: string, length: string, at?: number): Promise<Matrix> {
    return matrix.parse(await this.#ask('query', { query: `${selector}[${length}]`, ...timeOf(at) })).result;
  }

  async range(query: string, start: number, end: number, step: number): Promise<Matrix> {
    const times = { start: String(start), end: String(end), step: String(step) };
    return matrix.parse(await this.#ask('query_range', { query, ...times })).result;
  }

  async labelValues(series: string, label: string, start: number, end: number): Promise<string[]> {
    const query = new URLSearchParams({ 'match[]': series, start: String(start), end: String(end) });
    return z.array(z.string()).parse(await this.#get(`label/${label}/values?${query}`));
  }

  /** Every rule that was loaded. */
  async rules(): Promise<LoadedRule[]> {
    return ruleGroups.parse(await this.#get('rules')).groups.flatMap(({ rules }) => rules);
  }

  stop(): Promise<void> {
    return this.#service.stop();
  }

  #ask(path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
    return this.#get(path, { method: 'POST', body: new URLSearchParams(parameters) });
  }

  async #get(path: string, request: RequestInit = {}): Promise<unknown> {
    const response = await this.#service.fetch(`/api/v1/${path}`, request);
    const { status, error, data } = answer.parse(await response.json());
    if (status !== 'success') throw new Error(`Prometheus refused ${request.body ?? path}: ${error}`);
    return data;
  }
}

function timeOf(at: number | undefined): Readonly<Record<string, string>> {
  return at === undefined ? {} : { time: String(at) };
}

function backfill(promtool: string, history: string, data: string): void {
  const command = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', '--max-block-duration=162h'];
  execFileSync(promtool, [...command, history, data], { stdio: ['ignore', 'ignore', 'pipe'] });
}
