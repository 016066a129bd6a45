import { readFileSync } from 'node:fs';
import { derived } from '../../support/derived.ts';
import type { Vector } from '../../support/prometheus-server.ts';

/** With every character that is special in a label, a query or a configuration file. */
export const HOSTILE = `"O'Neill" \\d \\\\ $1 $HOME \${job} {a="b"} 北京 #x: y, %s`;
export const ORGANIZATIONS = {
  acme: { employees: 1240, active: 1100 },
  [HOSTILE]: { employees: 86, active: 80 },
  '北京 总部': { employees: 1_234_567, active: 1_000_001 },
  'still empty': { employees: 0, active: 0 },
};
export const POLL = { interval: '1s', failure_interval: '1s', retries: 0, max_staleness: '1h' };

const SHIPPED = readFileSync('prometheus.yml', 'utf8');

/** The shipped rules by their path, but for a shorter interval. */
export const RULES = {
  'rules/dingtalk.rules.yml': derived(readFileSync('rules/dingtalk.rules.yml', 'utf8'), {
    'interval: 5m\n': 'interval: 1s\n',
  }),
};

/** The shipped configuration, but for the port of the exporter and shorter intervals. */
export const paced = (port: string): string =>
  derived(SHIPPED, {
    'localhost:10210': `localhost:${port}`,
    'scrape_interval: 1m': 'scrape_interval: 1s',
    'evaluation_interval: 1m': 'evaluation_interval: 1s',
  });

/** The value of each organization, of which there must be one. */
export function byOrganization(result: Vector): Record<string, number> {
  const values: Record<string, number> = {};
  for (const { metric, value } of result) {
    const name = metric['organization'] ?? '';
    if (name in values) throw new Error(`${name} has several series: ${JSON.stringify(result)}`);
    values[name] = value.value;
  }
  return values;
}

/** The counts of each organization. */
export const counts = (which: 'employees' | 'active'): Record<string, number> =>
  Object.fromEntries(Object.entries(ORGANIZATIONS).map(([name, pair]) => [name, pair[which]]));
