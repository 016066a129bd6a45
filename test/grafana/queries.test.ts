import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
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
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dashboard-queries-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('is counted: both variables, all panels, the annotation', () => {
    expect(selectors).toHaveLength(2);
    expect(expressions.length).toBeGreaterThan(40);
  });

  it.each(CHOICES)('passes promtool with %s chosen', (title, choice) => {
    const rules = expressions.map(({ expr }, index) => ({
      record: `dashboard:query:${index}`,
      expr: interpolate(expr, choice, STEPS),
    }));
    const file = join(folder, `${CHOICES.findIndex(([name]) => name === title)}.yml`);
    writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
    const output = execFileSync(tool.path, ['check', 'rules', '--lint-fatal', file], { encoding: 'utf8' });
    expect(output).toContain(`SUCCESS: ${expressions.length} rules found`);
  });
});
