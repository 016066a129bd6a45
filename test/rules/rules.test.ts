import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { derived } from '../support/derived.ts';
import { promtool, requireTool } from '../support/tools.ts';

const run = promisify(execFile);

const RULES = 'rules/dingtalk.rules.yml';
const STORIES = readdirSync('rules')
  .filter((name) => name.endsWith('.test.yml'))
  .map((name) => join('rules', name));
const RUNBOOK = 'docs/runbook.md';
const ALERTING = 'docs/alerting.md';

const SEVERITIES = {
  DingTalkExporterDown: 'warning',
  DingTalkConfigReloadFailed: 'warning',
  DingTalkPollFailing: 'warning',
  DingTalkHeadcountStale: 'critical',
  DingTalkCredentialsRejected: 'critical',
  DingTalkQuotaExhausted: 'warning',
  DingTalkHeadcountDropped: 'warning',
  DingTalkHeadcountPlunged: 'critical',
  DingTalkHeadcountSurged: 'warning',
  DingTalkActivationLow: 'info',
};

const ruleFile = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string().optional(),
          record: z.string().optional(),
          labels: z.record(z.string(), z.string()).default({}),
          annotations: z.record(z.string(), z.string()).default({}),
        }),
      ),
    }),
  ),
});
const rules = ruleFile.parse(parse(readFileSync(RULES, 'utf8'))).groups.flatMap((group) => group.rules);
const alerts = rules.flatMap(({ alert, ...rest }) => (alert === undefined ? [] : [{ ...rest, alert }]));

const folder = mkdtempSync(join(tmpdir(), 'dingtalk-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The blocks of YAML of docs/alerting.md that have this word. */
function examples(word: string): string[] {
  return [...readFileSync(ALERTING, 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```$/gm)]
    .map(([, text = '']) => text)
    .filter((text) => text.includes(word));
}

const promtool3 = process.env['PROMTOOL3'] ?? '';
if (promtool3 === '')
  process.stderr.write('skipped: the rules on Prometheus 3, as PROMTOOL3 names no promtool of it\n');

const tools = [
  { title: 'the promtool of this machine', ...promtool() },
  { title: 'the promtool of Prometheus 3', missing: promtool3 === '', path: promtool3 },
];

const HEADCOUNT = 'rules/dingtalk.headcount.test.yml';

/** For Prometheus 3, which takes samples into a range in another way: stories that depend on single samples. */
const FOR_PROMETHEUS_3 = [
  'A mass deletion',
  'Organizations that are misread, renamed, removed and added',
  'Two replicas, of which the one that succeeded last is used',
];

function storiesForPrometheus3(): string {
  const { tests, ...file } = z
    .looseObject({ tests: z.array(z.looseObject({ name: z.string() })) })
    .parse(parse(readFileSync(HEADCOUNT, 'utf8')));
  const chosen = tests.filter(({ name }) => FOR_PROMETHEUS_3.includes(name));
  expect(chosen).toHaveLength(FOR_PROMETHEUS_3.length);
  return written(
    'prometheus-3.test.yml',
    JSON.stringify({ ...file, rule_files: [resolve(RULES)], tests: chosen }),
  );
}

// The time is a limit against hanging: a story is evaluated some hundred times.
describe.each(tools)('$title', { timeout: 600_000, concurrent: true }, ({ missing, path }) => {
  const check = (kind: string, file: string) =>
    run(path, ['check', kind, '--lint=all', '--lint-fatal', file]);

  it.skipIf(missing).each([
    ['rules', RULES],
    ['config', 'prometheus.yml'],
  ])('finds nothing to say of the %s in %s', async (kind, file) => {
    const { stdout, stderr } = await check(kind, file);
    expect(stdout).toContain(`SUCCESS: ${rules.length} rules found`);
    expect(stderr).toBe('');
  });

  it.skipIf(missing)('finds nothing to say of the thresholds for one organization', async () => {
    const blocks = examples('alert: DingTalkHeadcountDropped');
    expect(blocks).toHaveLength(1);
    const file = written('thresholds.yml', blocks.join(''));
    await expect(check('rules', file)).resolves.toMatchObject({
      stdout: expect.stringContaining('SUCCESS'),
    });
  });

  it.skipIf(missing).each(STORIES)('tells the stories of %s', async (story) => {
    const file = path === promtool3 && story === HEADCOUNT ? storiesForPrometheus3() : story;
    await run(path, ['test', 'rules', file]);
  });

  it.skipIf(missing || path === promtool3)(
    'tells the same stories when rules are evaluated every 5 minutes',
    async () => {
      const text = derived(readFileSync('rules/dingtalk.test.yml', 'utf8'), {
        '  - dingtalk.rules.yml': `  - ${resolve(RULES)}`,
        'evaluation_interval: 1m': 'evaluation_interval: 5m',
      });
      await run(path, ['test', 'rules', written('every-5-minutes.test.yml', text)]);
    },
  );
});

describe('the alerts', () => {
  it('are those that were promised, each with its severity and no label beside it', () => {
    expect(Object.fromEntries(alerts.map(({ alert, labels }) => [alert, labels]))).toEqual(
      Object.fromEntries(Object.entries(SEVERITIES).map(([alert, severity]) => [alert, { severity }])),
    );
  });

  it.each(alerts)('$alert has a sentence and an entry in the runbook', ({ alert, annotations }) => {
    expect(annotations['summary']).toMatch(/\.$/);
    expect(annotations['description']).toMatch(/\$labels\.(?:organization|instance)/);
    expect(annotations['runbook_url']).toBe(
      `https://github.com/dingtalk-headcount-exporter/dingtalk-headcount-exporter/blob/main/${RUNBOOK}#${alert.toLowerCase()}`,
    );
  });

  it('are the entries of the runbook, in the same order', () => {
    const entries = readFileSync(RUNBOOK, 'utf8').matchAll(/^## (.*)$/gm);
    expect([...entries].map(([, title]) => title)).toEqual(alerts.map(({ alert }) => alert));
  });

  it('are all in docs/alerting.md, each with its severity', () => {
    const page = readFileSync(ALERTING, 'utf8');
    for (const [alert, severity] of Object.entries(SEVERITIES))
      expect(page).toMatch(new RegExp(`^\\| \`${alert}\` +\\| ${severity} `, 'm'));
  });
});

it('the recording rules are those of docs/alerting.md', () => {
  const named = [...readFileSync(ALERTING, 'utf8').matchAll(/^\| `(\w+:\w+:\w+)`/gm)].map(([, name]) => name);
  expect(named.sort()).toEqual(rules.flatMap(({ record }) => record ?? []).sort());
});

describe('the examples for Alertmanager', () => {
  const amtool = requireTool('amtool');
  const EXAMPLE = 'docs/alertmanager/alertmanager.yml';

  it.skipIf(amtool.missing)('are valid', async () => {
    const blocks = examples('receivers:');
    expect(blocks).toHaveLength(1);
    const inPage = written('alertmanager.yml', blocks.join(''));
    for (const path of [EXAMPLE, 'grafana/compose/alertmanager.yml', inPage])
      expect((await run(amtool.path, ['check-config', path])).stdout).toContain('SUCCESS');
  });

  it.skipIf(amtool.missing).each(alerts)('lead $alert to its group', async ({ alert }) => {
    const route = ['config', 'routes', 'test', `--config.file=${EXAMPLE}`, `alertname=${alert}`];
    const { stdout } = await run(amtool.path, route);
    expect(stdout.trim()).toBe(/Dropped|Plunged|Surged|ActivationLow/.test(alert) ? 'people' : 'operators');
  });

  it('name a robot for each group that Alertmanager calls', () => {
    const bridge = z
      .object({ targets: z.record(z.string(), z.object({ url: z.string(), secret: z.string() })) })
      .parse(parse(readFileSync('docs/alertmanager/webhook-dingtalk.yml', 'utf8')));
    const called = [...readFileSync(EXAMPLE, 'utf8').matchAll(/\/dingtalk\/(\w+)\/send$/gm)].map(
      ([, name]) => name,
    );
    expect(Object.keys(bridge.targets).sort()).toEqual(called.sort());
  });
});
