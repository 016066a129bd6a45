import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

export const CHART = 'charts/dingtalk-headcount-exporter';

/** The sets of values to render the chart with, by name. */
export const VALUES = readdirSync(join(CHART, 'ci')).map((file) => file.replace('-values.yaml', ''));

export const valuesFile = (name: string): string => join(CHART, 'ci', `${name}-values.yaml`);

const object = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
});
export type Rendered = z.infer<typeof object>;

/** A Helm that .ci/helm.sh has fetched. */
export class Helm {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async run(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(this.#path, args, { maxBuffer: 2 ** 26 });
    return stdout;
  }

  /** The text that `helm template` makes of the chart; rejects with what Helm says. */
  template(...args: string[]): Promise<string> {
    return this.run('template', 'test', CHART, '--namespace=dingtalk', ...args);
  }
}

export function readObjects(text: string): Rendered[] {
  return parseAllDocuments(text).map((document) => object.parse(document.toJS()));
}

/** Helm 3 and Helm 4; with `CI=true` a missing one fails the run, elsewhere its tests are skipped with one line. */
export const HELMS: readonly Helm[] = ['helm3', 'helm4'].flatMap((name) => {
  const path = join('node_modules/.cache/helm', name);
  if (existsSync(path)) return [new Helm(path)];
  const message = `${name} is not there: .ci/helm.sh fetches it`;
  if (process.env['CI'] === 'true') throw new Error(`${message}, and CI=true allows no skipping`);
  process.stderr.write(`skipped: ${message} to run the tests of the chart\n`);
  return [];
});

export function find<Kind>(objects: readonly Rendered[], kind: string): Kind & Rendered {
  const found = objects.filter((each) => each.kind === kind);
  if (found.length !== 1) throw new Error(`${found.length} objects are a ${kind}`);
  return found[0] as Kind & Rendered;
}
