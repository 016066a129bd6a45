import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { Folder } from '../support/program.ts';
import { requireTool } from '../support/tools.ts';

const tool = requireTool('amtool');

const rules = z
  .object({ groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string().optional() })) })) })
  .parse(parse(readFileSync('rules/dingtalk.rules.yml', 'utf8')));
const ALERTS = rules.groups.flatMap((group) => group.rules.flatMap(({ alert }) => alert ?? []));

interface Alert {
  readonly name: string;
  readonly status?: 'firing' | 'resolved';
  readonly labels?: Readonly<Record<string, string>>;
  readonly summary?: string;
  readonly description?: string;
}

function render(template: string, alert: Alert): string {
  const { name, status = 'firing', labels = {}, summary = '', description = '' } = alert;
  const data = {
    receiver: 'people',
    status,
    alerts: [
      {
        status,
        labels: { alertname: name, ...labels },
        annotations: { summary, description, runbook_url: 'https://example.com/docs/runbook.md#alert' },
        startsAt: '2026-01-05T09:00:00Z',
        endsAt: '2026-01-05T10:30:00Z',
      },
    ],
  };
  const folder = new Folder();
  try {
    return execFileSync(
      tool.path,
      [
        ...['template', 'render', '--template.glob=docs/alertmanager/dingtalk-headcount.tmpl'],
        `--template.data=${folder.write('data.json', JSON.stringify(data))}`,
        `--template.text={{ template "dingtalk_headcount.${template}" . }}`,
      ],
      { encoding: 'utf8', env: { ...process.env, TZ: 'Asia/Shanghai' } },
    );
  } finally {
    folder.remove();
  }
}

describe.skipIf(tool.missing)('the message to a DingTalk group', () => {
  it.each(ALERTS)('%s is in Chinese, with the action and the runbook', (name) => {
    const text = render('zh.text', { name, labels: { organization: '杭州 "a"' } });
    expect(text).toMatch(/^### 告警：钉钉组织人数$/mu);
    expect(text).toMatch(/^- \*\*.*\p{Script=Han}.*\*\*：杭州 "a"$/mu);
    expect(text).not.toContain(name);
    expect(text).toContain('开始时间：2026-01-05 17:00\n');
    expect(text).toMatch(
      /处理办法：.+。\[处理手册\]\(https:\/\/example\.com\/docs\/zh-CN\/runbook\.md#alert\)/u,
    );
  });

  it.each([
    [
      'DingTalkHeadcountPlunged',
      { description: 'acme (job dingtalk) went from 500 to 380 people.' },
      '从 500 人变为 380 人',
    ],
    [
      'DingTalkHeadcountStale',
      { description: 'acme has no current headcount. The last one was 500.' },
      '最近一次已知为 500 人',
    ],
    [
      'DingTalkActivationLow',
      { summary: 'Only 42.5% of the people in acme have activated DingTalk.' },
      '激活率：42.5 %',
    ],
  ])('%s has the counts', (name, texts, expected) => {
    expect(render('zh.text', { name, labels: { organization: 'acme' }, ...texts })).toContain(expected);
  });

  it('has the start and the end of an alert', () => {
    const alert = {
      name: 'DingTalkExporterDown',
      status: 'resolved',
      labels: { instance: 'a:10210' },
    } as const;
    expect(render('zh.title', alert)).toBe('已恢复：钉钉组织人数');
    expect(render('zh.text', alert)).toContain('开始时间：2026-01-05 17:00，恢复时间：2026-01-05 18:30');
    expect(render('en.text', alert)).toContain('Since: 2026-01-05 17:00, until: 2026-01-05 18:30');
  });

  it('exists in English', () => {
    const alert = { name: 'DingTalkPollFailing', summary: 'Polls of acme fail.', description: 'On a and b.' };
    expect(render('en.title', alert)).toBe('Firing: DingTalk headcount');
    expect(render('en.text', alert)).toMatch(
      /- \*\*Polls of acme fail\.\*\*[\s\S]*On a and b\.\n.*\[What to do\]/u,
    );
  });

  it('is what webhook-dingtalk.yml sends, to the robots that alertmanager.yml names', () => {
    const webhook = parse(readFileSync('docs/alertmanager/webhook-dingtalk.yml', 'utf8'));
    expect(webhook.templates).toEqual(['dingtalk-headcount.tmpl']);
    for (const [part, text] of Object.entries<string>(webhook.default_message)) {
      expect(text).toBe(`{{ template "dingtalk_headcount.zh.${part}" . }}`);
    }
    const { receivers } = parse(readFileSync('docs/alertmanager/alertmanager.yml', 'utf8'));
    for (const { webhook_configs: configs } of receivers) {
      expect(Object.keys(webhook.targets)).toContain(/dingtalk\/(\w+)\/send$/u.exec(configs[0].url)?.[1]);
    }
  });
});
