import { describe, expect, test } from 'vitest';
import { HINTS, type HintId } from '../../../src/dingtalk/hints.ts';
import { REASONS } from '../../../src/dingtalk/reason.ts';
import { PAGE_STYLE } from '../../../src/web/page/style.ts';
import {
  DAY,
  dropped,
  failing,
  MINUTE,
  MONOTONIC,
  organization,
  pageOf,
  REALISTIC,
  SECOND,
  UNREACHABLE,
  WALL,
  waiting,
} from './organizations.ts';

const HINT_IDS = Object.keys(HINTS) as HintId[];
const CHINESE = { language: 'zh-CN' };

/** The text of a page, or of the first part of it that `part` matches, without markup. */
function text(page: string, part = /<body>.*<\/body>/s): string {
  const [found = ''] = part.exec(page) ?? [];
  return found
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ (?=[.,)）。，])/g, '')
    .trim();
}
const SUMMARY = /<section class="summary".*?<\/section>/s;
const FAILURES = /<section class="failures".*?<\/section>/s;
const TABLE = /<tbody>.*<\/tbody>/s;

const shownNames = (page: string): string[] =>
  [...page.matchAll(/<th scope="row"><bdi>(.*?)<\/bdi>/g)].map(([, name]) => name ?? '');
const causes = (page: string): string[] => page.match(/<article.*?<\/article>/gs) ?? [];
const refresh = (page: string): string | undefined => /http-equiv="refresh" content="(.*?)"/.exec(page)?.[1];

describe('the document', () => {
  test('has the style sheet unchanged, and no script, style attribute or external address', () => {
    const page = pageOf([...REALISTIC, dropped(), waiting()], { filter: 'a' });
    expect(page).toMatch(/^<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">/);
    expect(page).toContain(`<style>${PAGE_STYLE}</style>`);
    expect(PAGE_STYLE).not.toContain('</');
    expect(page).not.toMatch(
      /<script|<iframe|<img|<base|\sstyle=|\son[a-z]+=|javascript:|@import|url\(|action=/i,
    );
    const addresses = [...page.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, address]) => address ?? '');
    expect(addresses.filter((address) => !/^[/#?]/.test(address))).toEqual([
      expect.stringMatching(/^data:image\/svg\+xml,%3Csvg%20xmlns/),
    ]);
  });

  test('links to the metrics and the health checks', () => {
    const nav = text(pageOf([], {}, { telemetryPath: '/probe' }), /<nav.*<\/nav>/s);
    expect(nav).toBe('/probe /-/healthy /-/ready 简体中文');
  });

  test('has the version, the revision and the time of the start', () => {
    expect(text(pageOf(REALISTIC))).toContain(
      'As of Jan 5, 2026, 09:00 UTC. The page reloads every 1 min. ' +
        'dingtalk-headcount-exporter 0.1.0 (a611e0c), up since Jan 3, 2026, 05:00 UTC (2 days 4 hr)',
    );
  });

  test('has a note only in the demo', () => {
    expect(text(pageOf(REALISTIC, {}, { demo: true }))).toContain(
      'Demo : organizations and headcounts are simulated',
    );
    expect(pageOf(REALISTIC)).not.toMatch(/Demo|simulated/);
  });

  test('reloads as often as the fastest organization is polled, from 5 s to a minute', () => {
    const every = (pollInterval: number) => refresh(pageOf([organization(), organization({ pollInterval })]));
    expect([SECOND, 10 * SECOND, 10 * MINUTE].map(every)).toEqual(['5', '10', '60']);
    expect(refresh(pageOf([organization(), waiting()]))).toBe('5');
  });

  test('has a note if no organization is configured', () => {
    const page = pageOf([]);
    expect(page).toContain('No organization is configured.');
    expect(page).not.toContain('<table>');
  });
});

describe('the summary', () => {
  test('has the sums over all organizations and the number in each state', () => {
    const page = pageOf(REALISTIC);
    expect(text(page, SUMMARY)).toBe(
      'Employees 10,209 Active 9,366 Activation 91.7% 1 failing 3 OK ' +
        'Sums of 4 organizations, as reported by DingTalk; the oldest headcount was read 26 min ago.',
    );
    expect(page).toContain('<title>1 of 4 failing · DingTalk headcount</title>');
  });

  test('has the number of organizations that are missing from the sums', () => {
    expect(text(pageOf([organization(), dropped(), waiting()]), SUMMARY)).toBe(
      'Employees 1,204 Active 1,131 Activation 93.9% 1 failing 1 waiting 1 OK ' +
        'Sums of 1 organization, as reported by DingTalk; the oldest headcount was read 4 min ago. ' +
        '2 of 3 organizations are missing from the sums: no headcount at the moment.',
    );
  });

  test('has no sums without a headcount', () => {
    const page = pageOf([waiting()]);
    expect(text(page, SUMMARY)).toBe(
      'Employees – none Active – none Activation – none 1 waiting ' +
        '1 of 1 organization is missing from the sums: no headcount at the moment.',
    );
    expect(page).toContain('<title>DingTalk headcount</title>');
  });
});

describe('a row', () => {
  test('of a healthy organization has its numbers, their age and its interval', () => {
    expect(text(pageOf([organization()]), TABLE)).toBe(
      'Acme Ltd OK polled every 30 min 1,204 1,131 93.9% 4 min ago Jan 5, 2026, 08:56 UTC – none',
    );
  });

  test('of a failing organization has the reason, the duration, and how long its number is kept', () => {
    expect(text(pageOf([failing()]), TABLE)).toBe(
      'Harbor &amp; Sons Failing permission for 23 min 342 287 83.9% 26 min ago kept for 1 hr 5 min more – none',
    );
  });

  test('of a dropped number has none, and the reason', () => {
    expect(text(pageOf([dropped()]), TABLE)).toBe(
      'Harbor &amp; Sons Failing permission for 4 hr 30 min – none – none – none ' +
        '– none last read 5 hr ago, dropped after 1 hr 31 min – none',
    );
    expect(text(pageOf([dropped({ lastSuccessAt: undefined })]), TABLE)).toContain('never read');
  });

  test('has no number before the first poll has ended, and a 0 if DingTalk reported it', () => {
    expect(text(pageOf([waiting()]), TABLE)).toBe(
      'Nova Robotics Waiting the first poll has not ended – none – none – none – none – none',
    );
    const nobody = organization({ headcount: { employees: 0, active: 0, readAt: MONOTONIC } });
    expect(text(pageOf([nobody]), TABLE)).toContain('30 min 0 0 – none just now');
  });

  test('has an age by the monotonic clock', () => {
    expect(text(pageOf([organization()], {}, { wallTime: WALL - 3 * DAY }), TABLE)).toContain(' 4 min ago ');
    expect(text(pageOf([failing()], {}, { wallTime: WALL - 3 * DAY }), TABLE)).toContain('for 0 sec');
  });
});

describe('a failure', () => {
  test('of one organization has the hint, the answer and the time', () => {
    expect(text(pageOf([failing()]), FAILURES)).toBe(
      `The app lacks a permission permission Harbor &amp; Sons What to do ${HINTS.permission()} ` +
        'Received user_count call to oapi.dingtalk.com: HTTP 200, code 88, sub-code 60011, 没有调用该接口的权限 ' +
        'Request ID 15r8yv3m2ihd1 Failing since Jan 5, 2026, 08:37 UTC (23 min ago), 5 of 120 polls failed since the start',
    );
  });

  test('that many organizations share is shown once, with all their names', () => {
    const sharing = Array.from({ length: 60 }, (_, index) =>
      failing({ name: `team ${index + 10}`, failingSince: WALL - index * MINUTE }, UNREACHABLE),
    );
    const page = pageOf([...sharing, failing(), organization()]);
    const [shared = '', single = '', ...more] = causes(page);
    expect(more).toEqual([]);
    expect(page.split(HINTS.name_unknown())).toHaveLength(2);
    expect(shared.match(/<li>/g)).toHaveLength(60);
    expect(text(shared, /.*/s)).toMatch(
      /^DingTalk could not be reached network 60 organizations team 10 .* team 69 What to do the name is not known/,
    );
    expect(text(shared, /.*/s)).toContain('( team 10, as an example)');
    expect(text(shared, /.*/s)).toContain('08:01 UTC (59 min ago), the earliest');
    expect(single).toContain('Harbor &amp; Sons');
  });

  test.each([
    ['reason', { reason: 'timeout' }],
    ['hint', { hint: 'network' }],
    ['host', { host: 'oapi.dingtalk.io' }],
    ['code', { errorCode: '1' }],
  ] as const)('with another %s is another cause', (_, difference) => {
    const one = failing({ name: 'one' }, UNREACHABLE);
    expect(causes(pageOf([one, failing({ name: 'two' }, { ...UNREACHABLE, ...difference })]))).toHaveLength(
      2,
    );
  });
});

describe('many organizations', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => {
    const name = `Team ${String(999 - index).padStart(3, '0')}`;
    return index % 200 === 0 ? failing({ name }) : organization({ name });
  });

  test('are shown failing ones first, then by name, 200 at the most', () => {
    const page = pageOf(many);
    const names = shownNames(page);
    expect(names).toHaveLength(200);
    expect(names.slice(3, 7)).toEqual(['Team 799', 'Team 999', 'Team 000', 'Team 001']);
    expect(text(page)).toContain(
      'The first 200 are shown, failing ones first. 800 more can be found by name, and in /metrics.',
    );
    expect(text(page, SUMMARY)).toContain('5 failing 995 OK Sums of 1,000 organizations');
  });

  test('that fail beyond the limit are counted', () => {
    const page = pageOf(many.map(({ name }) => dropped({ name })));
    expect(text(page)).toContain('800 more, 800 of them failing, can be found by name');
    expect(text(page, FAILURES)).toContain('Team 099 and 900 more');
  });

  test('make a page of bounded size, even with long and different messages', () => {
    const endless = '长'.repeat(5_000);
    const failures = many.map(({ name }) =>
      failing(
        { name: name.padEnd(128, 'x') },
        {
          message: endless,
          errorCode: name + endless,
          requestId: endless,
          hint: 'allow_address',
          egressAddress: endless,
        },
      ),
    );
    const page = pageOf(failures);
    expect(page.length).toBeLessThan(300_000);
    expect(causes(page)).toHaveLength(20);
    expect(text(page)).toContain('Further causes are not listed.');
  });

  test('are filtered by a part of the name, in any case', () => {
    const page = pageOf(many, { filter: ' TEAM 99 ' });
    expect(shownNames(page)).toEqual([
      'Team 999',
      ...Array.from({ length: 9 }, (_, index) => `Team 99${index}`),
    ]);
    expect(text(page)).toContain('10 of 1,000 organizations with “ TEAM 99 ” in the name. Show all');
    expect(text(page, SUMMARY)).toContain('Sums of 1,000 organizations');
    expect(page).toContain('<a href="?lang=zh-CN&amp;q=TEAM+99" lang="zh-CN" hreflang="zh-CN">');
  });

  test('are not listed, and neither are their failures, if no name matches', () => {
    const page = pageOf(many, { filter: 'nobody' });
    expect(text(page)).toContain('0 of 1,000 organizations with “ nobody ” in the name.');
    expect(page).not.toMatch(/<table>|<article/);
  });

  test('have a form that keeps the language, unless they are few', () => {
    expect(pageOf(many, CHINESE)).toMatch(
      /<form role="search" method="get">\s*<input type="hidden" name="lang" value="zh-CN">\s*<label>按名称筛选 <input type="search" name="q" value=""/,
    );
    expect(pageOf(many.slice(0, 20))).not.toContain('<form');
  });

  test('are filtered safely by hostile, broken and long text', () => {
    const page = pageOf(many, { filter: `"><script>\uD800${'x'.repeat(10_000)}` });
    expect(page).toContain('value="&quot;&gt;&lt;script&gt;\uFFFDxxx');
    expect(page.length).toBeLessThan(PAGE_STYLE.length + 8_000);
  });
});

describe('in Chinese', () => {
  const everything = [
    organization({ name: '甲' }),
    waiting({ name: '乙' }),
    dropped({ name: '丙', lastSuccessAt: undefined }),
    ...REASONS.map((reason) => failing({ name: '丁' }, { reason, message: '戊' })),
    ...HINT_IDS.flatMap((hint) =>
      (['api.dingtalk.io', 'api.dingtalk.com:8443', 'gateway', undefined] as const).map((host) =>
        dropped({ name: '己' }, { hint, host, message: '庚' }),
      ),
    ),
  ];

  test('the page is Chinese, with the same reasons and numbers', () => {
    const page = pageOf(REALISTIC, { acceptLanguage: 'zh-CN,zh;q=0.9,en;q=0.8' });
    expect(page).toContain('<html lang="zh-CN">');
    expect(page).toContain('<title>4个组织中1个失败 · 钉钉组织人数</title>');
    expect(text(page, SUMMARY)).toBe(
      '员工 10,209 已激活 9,366 激活率 91.7% 1个失败 3个正常 4个组织的合计，数据来自钉钉，最早读取于26分钟前。',
    );
    expect(text(page, FAILURES)).toContain(
      '应用缺少权限 permission Harbor &amp; Sons 处理方法 请在钉钉开发者后台',
    );
    expect(page).toContain('<span lang="en"><bdi>user_count call to oapi.dingtalk.com');
  });

  test('all text is translated, apart from names', () => {
    const names =
      /\b(Exporter|API|CorpId|Client ID|Client Secret|suite ticket|IP|ID|DNS|TLS|CA|UTC|Node\.js|English|poll\.\w+|region|china|international|endpoints|qyapi_get_member|HTTPS_PROXY|NO_PROXY|DINGTALK_REGION|CPU|NODE_EXTRA_CA_CERTS|(api\.dingtalk\.(io|com):?\d*|gateway))\b/g;
    // A page lists at most 20 causes.
    for (let start = 0; start < everything.length; start += 20) {
      const page = pageOf(everything.slice(start, start + 20), CHINESE, { demo: true });
      const own = page.replace(/<(code|nav|footer).*?<\/\1>/gs, ' ');
      const attributes = [...own.matchAll(/(?:aria-label|data-label|placeholder)="([^"]*)"/g)].map(
        ([, label]) => label,
      );
      expect(`${text(own)} ${attributes.join(' ')}`.replaceAll(names, '')).not.toMatch(/[a-z]/i);
    }
  });
});
