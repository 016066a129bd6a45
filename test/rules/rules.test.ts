import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { promtool, requireTool } from '../support/tools.ts';

const run = promisify(execFile);

const RULES = 'rules/dingtalk.rules.yml';
const STORIES = readdirSync('rules')
  .filter((name) => name.endsWith('.test.yml'))
  .map((name) => join('rules', name));
const RUNBOOK = 'docs/runbook.md';
const RUNBOOK_URL =
  'https://github.com/dingtalk-headcount-exporter/dingtalk-headcount-exporter/blob/main/docs/runbook.md#';

const SEVERITIES = {
  DingTalkExporterDown: 'critical',
  DingTalkPollFailing: 'warning',
  DingTalkHeadcountStale: 'critical',
  DingTalkCredentialsRejected: 'critical',
  DingTalkQuotaExhausted: 'warning',
  DingTalkHeadcountDropped: 'warning',
  DingTalkHeadcountPlunged: 'critical',
  DingTalkHeadcountSurged: 'warning',
  DingTalkActivationLow: 'info',
};
const ALERTS = Object.keys(SEVERITIES);

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
const groups = ruleFile.parse(parse(readFileSync(RULES, 'utf8'))).groups;
const rules = groups.flatMap((group) => group.rules);
const alerts = rules.flatMap(({ alert, ...rest }) => (alert === undefined ? [] : [{ ...rest, alert }]));

const storyFile = z.object({
  rule_files: z.array(z.string()),
  evaluation_interval: z.string(),
  tests: z.array(
    z.object({
      name: z.string(),
      interval: z.string(),
      input_series: z.array(z.object({ series: z.string(), values: z.string() })),
      promql_expr_test: z
        .array(
          z.object({
            eval_time: z.string(),
            expr: z.string(),
            exp_samples: z.array(z.object({ labels: z.string(), value: z.number() })),
          }),
        )
        .default([]),
    }),
  ),
});

/** A story: the moments that are looked at, in order, each with what fires then: `alert organization`. */
const stories = STORIES.flatMap((path) => storyFile.parse(parse(readFileSync(path, 'utf8'))).tests).map(
  (test) => ({
    text: [test.name, ...test.input_series.map(({ series }) => series)].join('\n'),
    moments: test.promql_expr_test
      .filter(({ expr }) => expr.startsWith('count by (alertname, organization)'))
      .map(({ exp_samples }) => new Set(exp_samples.map(({ labels }) => labels))),
  }),
);

/** What fires, at any moment of the stories that fail when thresholds are changed, as promtool prints it. */
async function toldBy(
  promtoolPath: string,
  thresholds: Readonly<Record<string, readonly [from: string, to: string]>>,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'dingtalk-rules-'));
  try {
    const changed = Object.entries(thresholds).map(([name, [from, to]]): [string, string] => {
      const record = `record: dingtalk:${name}:threshold`;
      const line =
        readFileSync(RULES, 'utf8')
          .split('\n')
          .find((each) => each.includes(record)) ?? record;
      return [`${line}\n        expr: vector(${from})\n`, `${line}\n        expr: vector(${to})\n`];
    });
    const rulesText = changed.reduce(
      (text, [from, to]) => {
        expect(text.split(from)).toHaveLength(2);
        return text.replace(from, () => to);
      },
      readFileSync(RULES, 'utf8'),
    );
    writeFileSync(join(folder, 'dingtalk.rules.yml'), rulesText);
    const file = storyFile.parse(parse(readFileSync('rules/dingtalk.test.yml', 'utf8')));
    const tests = file.tests.filter(({ name }) => name.startsWith('The headcount'));
    expect(tests).toHaveLength(1);
    const storiesPath = join(folder, 'dingtalk.test.yml');
    writeFileSync(storiesPath, stringify({ ...file, tests }));
    const failed = z.object({ stdout: z.string(), stderr: z.string() });
    const outcome = await run(promtoolPath, ['test', 'rules', storiesPath]).catch((error: unknown) => error);
    const { stdout, stderr } = failed.parse(outcome);
    return [...`${stdout}${stderr}`.matchAll(/^ *got: (.*)$/gm)].map(([, got]) => got).join('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const tools = [
  { title: 'the promtool of this machine', ...promtool() },
  // Prometheus 3 where it can be had: the environment variable says where its promtool stands.
  ...(process.env['PROMTOOL3'] === undefined
    ? []
    : [{ title: 'the promtool of Prometheus 3', missing: false, path: process.env['PROMTOOL3'] }]),
];

describe.each(tools)('$title', ({ missing, path }) => {
  it.skipIf(missing)('finds nothing to say of the rules', async () => {
    const { stdout, stderr } = await run(path, ['check', 'rules', '--lint=all', '--lint-fatal', RULES]);
    expect(stdout).toContain(`SUCCESS: ${rules.length} rules found`);
    expect(stderr).toBe('');
  });

  it.skipIf(missing)('finds nothing to say of prometheus.yml, which loads them', async () => {
    const { stdout, stderr } = await run(path, [
      'check',
      'config',
      '--lint=all',
      '--lint-fatal',
      'prometheus.yml',
    ]);
    expect(stdout).toContain(`SUCCESS: ${rules.length} rules found`);
    expect(stderr).toBe('');
  });

  // The time is a limit against hanging: a story is evaluated some thousand times.
  it.skipIf(missing).each(STORIES)('tells the stories of %s', { timeout: 600_000 }, async (story) => {
    await expect(run(path, ['test', 'rules', story])).resolves.toMatchObject({
      stdout: expect.stringContaining('SUCCESS'),
    });
  });

  // Stories that any rules would pass hold nothing: each threshold, moved a little, breaks one.
  it.skipIf(missing)(
    'sees it in the stories when a threshold is a little lower',
    { timeout: 600_000 },
    async () => {
      const told = await toldBy(path, {
        dropped_ratio: ['0.05', '0.049'],
        dropped_people: ['5', '4'],
        plunged_ratio: ['0.20', '0.199'],
        plunged_people: ['10', '9'],
        surged_ratio: ['0.10', '0.099'],
        surged_people: ['10', '9'],
        activation_ratio: ['0.5', '0.51'],
        activation_people: ['20', '19'],
      });
      for (const alert of ['HeadcountDropped', 'HeadcountPlunged', 'HeadcountSurged', 'ActivationLow'])
        for (const story of ['nearly', 'nearly, being tiny'])
          expect(told).toContain(`{alertname="DingTalk${alert}", organization="${alert}: ${story}"}`);
    },
  );

  it.skipIf(missing)(
    'sees it in the stories when a threshold is a little higher',
    { timeout: 600_000 },
    async () => {
      const told = await toldBy(path, {
        dropped_ratio: ['0.05', '0.0501'],
        plunged_ratio: ['0.20', '0.201'],
        surged_ratio: ['0.10', '0.101'],
        activation_ratio: ['0.5', '0.45'],
      });
      expect(told).not.toEqual('');
      for (const alert of ['HeadcountDropped', 'HeadcountPlunged', 'HeadcountSurged', 'ActivationLow'])
        expect(told).not.toContain(`{alertname="DingTalk${alert}", organization="${alert}: fires and ends"}`);
    },
  );
});

describe('the alerts', () => {
  it('are those that were promised, each with its severity and no label beside it', () => {
    expect(Object.fromEntries(alerts.map(({ alert, labels }) => [alert, labels]))).toEqual(
      Object.fromEntries(Object.entries(SEVERITIES).map(([alert, severity]) => [alert, { severity }])),
    );
  });

  it('stand in one group, evaluated from top to bottom at one instant', () => {
    expect(groups).toHaveLength(1);
  });

  it.each(alerts)(
    '$alert has a sentence, a description and an entry in the runbook',
    ({ alert, annotations }) => {
      expect(annotations['summary']).toMatch(/(?:\.|\.\{\{ end \}\})$/);
      expect(annotations['description']).toMatch(/\$labels\.(?:organization|instance)/);
      expect(annotations['runbook_url']).toBe(`${RUNBOOK_URL}${alert.toLowerCase()}`);
    },
  );

  it('are the entries of the runbook, in the same order, each with what to look at and how to mend it', () => {
    const entries = readFileSync(RUNBOOK, 'utf8').split(/^## /m).slice(1);
    expect(entries.map((entry) => entry.split('\n')[0])).toEqual(ALERTS);
    for (const entry of entries) {
      expect(entry).toMatch(/^Look at:/m);
      expect(entry).toMatch(/^Mend it/m);
    }
  });

  it('are all in docs/alerting.md, each with its severity', () => {
    const page = readFileSync('docs/alerting.md', 'utf8');
    for (const [alert, severity] of Object.entries(SEVERITIES))
      expect(page).toMatch(new RegExp(`^\\| \`${alert}\` +\\| ${severity} `, 'm'));
  });
});

describe('the recording rules', () => {
  it('are named level:metric:operation', () => {
    for (const { record } of rules) if (record !== undefined) expect(record).toMatch(/^\w+:\w+:\w+$/);
  });

  it('are there under the names that docs/alerting.md gives', () => {
    const named = [...readFileSync('docs/alerting.md', 'utf8').matchAll(/^\| `(\w+:\w+:\w+)`/gm)].map(
      ([, name]) => name,
    );
    expect(named).not.toEqual([]);
    expect(rules.map(({ record }) => record)).toEqual(expect.arrayContaining(named));
  });
});

describe.each(ALERTS)('the stories of %s', (alert) => {
  const ofAlert = (moment: ReadonlySet<string>) =>
    [...moment].filter((labels) => labels.includes(`alertname="${alert}"`));
  const about = new RegExp(`${alert.replace('DingTalk', '')}: nearly`);

  it('have one where it fires', () => {
    expect(stories.some(({ moments }) => moments.some((moment) => ofAlert(moment).length > 0))).toBe(true);
  });

  it('have one where it ends', () => {
    const ends = stories.some(({ moments }) =>
      moments.some((moment, at) =>
        ofAlert(moment).some((labels) => moments.slice(at + 1).some((later) => !later.has(labels))),
      ),
    );
    expect(ends).toBe(true);
  });

  it('have one where it nearly fires, and does not', () => {
    const near = stories.filter(({ text }) => about.test(text));
    expect(near).not.toEqual([]);
    for (const { moments } of near) {
      expect(moments).not.toEqual([]);
      for (const labels of moments.flatMap(ofAlert)) expect(labels).not.toMatch(about);
    }
  });
});

describe('the examples for Alertmanager', () => {
  const amtool = requireTool('amtool');
  const EXAMPLE = 'docs/alertmanager/alertmanager.yml';

  it.skipIf(amtool.missing).each([EXAMPLE, 'grafana/compose/alertmanager.yml'])(
    'are valid: %s',
    async (path) => {
      const { stdout } = await run(amtool.path, ['check-config', path]);
      expect(stdout).toContain('SUCCESS');
    },
  );

  it.skipIf(amtool.missing)('are valid: the one in docs/alerting.md', async () => {
    const blocks = [...readFileSync('docs/alerting.md', 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```$/gm)]
      .map(([, text = '']) => text)
      .filter((text) => text.includes('receivers:'));
    expect(blocks).toHaveLength(1);
    const folder = mkdtempSync(join(tmpdir(), 'dingtalk-alertmanager-'));
    try {
      const path = join(folder, 'alertmanager.yml');
      writeFileSync(path, blocks.join(''));
      await expect(run(amtool.path, ['check-config', path])).resolves.toMatchObject({
        stdout: expect.stringContaining('SUCCESS'),
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(amtool.missing).each([
    ['DingTalkHeadcountPlunged', 'people'],
    ['DingTalkHeadcountDropped', 'people'],
    ['DingTalkHeadcountSurged', 'people'],
    ['DingTalkActivationLow', 'people'],
    ['DingTalkHeadcountStale', 'operators'],
    ['DingTalkExporterDown', 'operators'],
  ])('lead %s to the %s', async (alert, receiver) => {
    const { stdout } = await run(amtool.path, [
      'config',
      'routes',
      'test',
      `--config.file=${EXAMPLE}`,
      `alertname=${alert}`,
    ]);
    expect(stdout.trim()).toBe(receiver);
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
