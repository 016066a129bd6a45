import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { Folder } from '../support/program.ts';
import { promtool } from '../support/tools.ts';
import { find, HELMS, readObjects, valuesFile } from './helm.ts';

const ruleFile = z.object({
  groups: z.array(z.looseObject({ name: z.string(), rules: z.array(z.record(z.string(), z.unknown())) })),
});
type RuleFile = z.infer<typeof ruleFile>;

const [helm] = HELMS;
const prom = promtool();
const shipped = ruleFile.parse(parse(readFileSync('rules/dingtalk.rules.yml', 'utf8')));

describe.skipIf(helm === undefined)('the rules in the PrometheusRule', () => {
  const folder = new Folder();
  afterAll(() => folder.remove());

  const rendered = async (name: string): Promise<RuleFile> => {
    const text = (await helm?.template(`--values=${valuesFile(name)}`)) ?? '';
    const { spec } = find<{ spec: unknown }>(readObjects(text), 'PrometheusRule');
    return ruleFile.parse(spec);
  };
  let [asShipped, changed]: RuleFile[] = [];
  beforeAll(async () => {
    [asShipped, changed] = await Promise.all([rendered('default'), rendered('all')]);
    folder.write('changed.rules.yml', stringify(changed));
  });

  const alert = (rules: RuleFile | undefined, name: string): Record<string, unknown> | undefined =>
    rules?.groups.flatMap((group) => group.rules).find((rule) => rule['alert'] === name);

  it('are the shipped ones', () => {
    expect(asShipped).toEqual(shipped);
  });

  it.skipIf(prom.missing)('are valid with everything changed that the values change', () => {
    const rules = join(folder.path, 'changed.rules.yml');
    expect(execFileSync(prom.path, ['check', 'rules', rules], { encoding: 'utf8' })).toContain('SUCCESS');
  });

  it('are changed by the values, and only where these say so', () => {
    const stale = alert(shipped, 'DingTalkHeadcountStale');
    expect(alert(changed, 'DingTalkHeadcountStale')).toEqual({
      ...stale,
      for: '30m',
      labels: { severity: 'warning', team: 'it' },
    });
    expect(alert(changed, 'DingTalkActivationLow')).toBeUndefined();
    expect(changed?.groups.at(-1)).toMatchObject({ rules: [{ alert: 'AnotherOne' }] });

    const expression = (rules: RuleFile | undefined, name: string): string =>
      z.string().parse(alert(rules, name)?.['expr']);
    const dropped = expression(shipped, 'DingTalkHeadcountDropped');
    const surged = expression(shipped, 'DingTalkHeadcountSurged');
    expect(dropped).toMatch(/ >= 5\n.* <= 0\.95\n$/u);
    expect(expression(changed, 'DingTalkHeadcountDropped')).toBe(
      dropped.replace('>= 5\n', '>= 20\n').replace('<= 0.95', '<= 0.9'),
    );
    expect(expression(changed, 'DingTalkHeadcountSurged')).toBe(surged.replace('>= 1.1', '>= 2'));
  });

  // What the values call "people" and "ratio" must be there to be replaced.
  it.each(['HeadcountDropped', 'HeadcountPlunged', 'HeadcountSurged', 'ActivationLow'])(
    'have the thresholds that the values can change: DingTalk%s',
    (name) => {
      const { expr } = z.object({ expr: z.string() }).parse(alert(shipped, `DingTalk${name}`));
      expect(expr.match(/>= \d+(?=\s)/gu)).toHaveLength(1);
      expect(expr.match(/(?:<=?|>=) \d+\.\d+/gu)).toHaveLength(1);
    },
  );
});
