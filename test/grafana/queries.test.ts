import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { Folder } from '../support/program.ts';
import { promtool } from '../support/tools.ts';
import { type Choice, interpolate } from './support/grafana-variables.ts';
import { DASHBOARD, LABEL_VALUES, QUERIES } from './support/shipped-dashboard.ts';

const tool = promtool();
const STEPS = { step: 3600, minStep: 60, range: 2_592_000 };

const CHOICES: [string, Choice][] = [
  ['everything', { job: 'all', organization: 'all' }],
  ['one job, several organizations', { job: ['dingtalk'], organization: ['acme', 'a.b (c|d)', '北京'] }],
  [
    'a name with quotes, backslashes and variables',
    { job: ['dingtalk', 'other'], organization: [`"O'Neill" \\d $1 $HOME $__range {x} /`] },
  ],
];

const selectors = DASHBOARD.templating.list.flatMap(({ name, query }) => {
  const series = LABEL_VALUES.exec(query)?.groups?.['series'];
  return series === undefined ? [] : [{ name: `variable ${name}`, expr: series }];
});

const expressions = [...selectors, ...QUERIES.map(({ name, query }) => ({ name, expr: query.expr }))];

describe.skipIf(tool.missing)('every query, as a recording rule', () => {
  const folder = new Folder();
  afterAll(() => folder.remove());

  it.each(CHOICES)('passes promtool with %s chosen', (_title, choice) => {
    expect(selectors).toHaveLength(2);
    const rules = expressions.map(({ expr }, index) => ({
      record: `dashboard:query:${index}`,
      expr: interpolate(expr, choice, STEPS),
    }));
    const file = folder.write('rules.yml', stringify({ groups: [{ name: 'dashboard', rules }] }));
    const output = execFileSync(tool.path, ['check', 'rules', '--lint-fatal', file], { encoding: 'utf8' });
    expect(output).toContain(`SUCCESS: ${expressions.length} rules found`);
  });
});
