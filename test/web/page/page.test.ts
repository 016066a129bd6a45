import { describe, expect, test } from 'vitest';
import { ORGANIZATION_LIMIT, renderPage } from '../../../src/web/page/page.ts';
import { PAGE_STYLE } from '../../../src/web/page/style.ts';
import {
  BELIEVABLE,
  course,
  dropped,
  failing,
  MINUTE,
  organization,
  SECOND,
  view,
  WALL,
  waiting,
} from './organizations.ts';

/** The names of the organizations on a page, in their order. */
const shownNames = (page: string): string[] =>
  [...page.matchAll(/<th scope="row"><bdi>(.*?)<\/bdi>/g)].map(([, name]) => name ?? '');

const text = (page: string): string =>
  page
    .replace(/<style>.*<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

const summary = (page: string): string => text(/<section.*<\/section>/s.exec(page)?.[0] ?? '');

const refresh = (page: string): string | undefined => /http-equiv="refresh" content="(.*?)"/.exec(page)?.[1];

describe('renderPage', () => {
  test('is one document in English, with the style to the byte that the policy allows', () => {
    const page = renderPage(view(BELIEVABLE));
    expect(page).toMatch(/^<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">/);
    expect(page).toContain(`<style>${PAGE_STYLE}</style>`);
    expect(PAGE_STYLE).not.toContain('</');
    expect(page.match(/<style/g)).toHaveLength(1);
  });

  test('needs no script, no style attribute and nothing from outside', () => {
    const page = renderPage(view([...BELIEVABLE, dropped(), waiting()]));
    expect(page).not.toMatch(
      /<script|<iframe|<img|<form|<base|\sstyle=|\son[a-z]+=|javascript:|@import|url\(/i,
    );
    const addresses = [...page.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, address]) => address ?? '');
    expect(addresses.filter((address) => !/^(\/|#)/.test(address))).toEqual([
      expect.stringMatching(/^data:image\/svg\+xml,%3Csvg%20xmlns/),
    ]);
  });

  test('names the program, its version and revision, and since when it runs', () => {
    expect(text(renderPage(view(BELIEVABLE)))).toContain(
      'As of 2026-01-05 09:00:00 UTC ; reloads every 1 min. ' +
        'dingtalk-headcount-exporter 0.1.0 (a611e0c4b2d1), up since 2026-01-03 05:00:00 UTC (2 d 4 h).',
    );
  });

  test('links to the metrics first, then to what it is given', () => {
    const links = [{ text: 'Docs & more', href: 'https://example.org/?a=1&b="2"' }];
    expect(renderPage(view([], { telemetryPath: '/probe', links }))).toContain(
      '<ul><li><a href="/probe">Metrics</a></li><li><a href="https://example.org/?a=1&amp;b=&quot;2&quot;">Docs &amp; more</a></li></ul>',
    );
  });

  test('sums up all organizations', () => {
    const page = renderPage(view(BELIEVABLE));
    expect(summary(page)).toBe(
      ' People 10,209 Active 9,366 Activation 91.7 % 1 failing 3 well ' +
        'From 4 organizations, as reported by DingTalk; the oldest number was read 26 min ago. ',
    );
    expect(page).toContain('<title>1 of 4 failing · DingTalk headcount</title>');
  });

  test('says whose people the sums leave out', () => {
    const outdated = organization({ headcount: undefined });
    expect(summary(renderPage(view([organization(), dropped(), waiting(), outdated])))).toBe(
      ' People 1,204 Active 1,131 Activation 93.9 % 1 failing 1 outdated 1 waiting 1 well ' +
        'From 1 of 4 organizations, as reported by DingTalk; read 4 min ago. ',
    );
  });

  test('sums up nothing where nothing is known', () => {
    const page = renderPage(view([waiting()]));
    expect(summary(page)).toBe(
      ' People – none Active – none Activation – none 1 waiting No number is known at the moment. ',
    );
    expect(page).toContain('<title>DingTalk headcount</title>');
  });

  test('has a caption and heads for its columns', () => {
    const page = renderPage(view(BELIEVABLE));
    expect(page).toContain(
      '<caption><span class="unseen">Headcount of each organization, those that fail first.',
    );
    expect([...page.matchAll(/<th scope="col" class="\w+">(.*?)<\/th>/g)].map(([, head]) => head)).toEqual([
      'Organization',
      'State',
      'All',
      'Active',
      'Activation',
      'Age of the number',
      'Recent course',
    ]);
  });

  test('shows what fails first, then by name', () => {
    expect(shownNames(renderPage(view(BELIEVABLE)))).toEqual([
      'Harbor &amp; Sons',
      'Acme Ltd',
      'Nova Robotics',
      '星河科技',
    ]);
  });

  test('says so where no organization is configured', () => {
    const page = renderPage(view([]));
    expect(page).toContain('<p class="left-out">No organization is configured.</p>');
    expect(page).not.toContain('<table>');
  });

  test('stays under 25 kB for three organizations with a busy course', () => {
    const busy = course(
      5_000,
      4_000,
      Array.from({ length: 150 }, (_, poll) =>
        poll % 10 === 9 ? undefined : ([poll % 3, (poll + 1) % 2] as const),
      ),
    );
    const page = renderPage(
      view([organization({ course: busy }), failing({ course: busy }), dropped({ course: busy })]),
    );
    expect(Buffer.byteLength(page)).toBeLessThan(25_000);
  });
});

describe('with 10,000 organizations', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => {
    const name = `team ${String(9_999 - index).padStart(4, '0')}`;
    return index % 1_000 === 0 ? failing({ name }) : organization({ name });
  });

  test('shows the first ones, all that fail among them, and says how many are left out', () => {
    const page = renderPage(view(many));
    const names = shownNames(page);
    expect(names).toHaveLength(ORGANIZATION_LIMIT);
    expect(names.slice(0, 12)).toEqual([
      ...[999, 1_999, 2_999, 3_999, 4_999, 5_999, 6_999, 7_999, 8_999, 9_999].map(
        (number) => `team ${String(number).padStart(4, '0')}`,
      ),
      'team 0000',
      'team 0001',
    ]);
    expect(page).toContain(
      '<p class="left-out">Here are 200 of 10,000 organizations, the failing ones first. The other 9,800 are left out; <a href="/metrics">/metrics</a> has them all.</p>',
    );
    expect(summary(page)).toContain('10 failing 9,990 well From 10,000 organizations');
    expect(Buffer.byteLength(page)).toBeLessThan(300_000);
  });

  test('says how many failing ones are left out too', () => {
    const page = renderPage(view(many.map(({ name }) => dropped({ name }))));
    expect(page).toContain('The other 9,800 (9,800 of them failing) are left out;');
  });

  test('leaves none out at the limit', () => {
    expect(renderPage(view(many.slice(0, ORGANIZATION_LIMIT)))).not.toContain('left out');
  });
});

describe('the reload', () => {
  test('comes each minute', () => {
    expect(refresh(renderPage(view(BELIEVABLE)))).toBe('60');
  });

  test('comes as often as the fastest organization is polled, but not more often than every 5 s', () => {
    const every = (pollInterval: number): string | undefined =>
      refresh(renderPage(view([organization(), organization({ pollInterval })])));
    expect(every(10 * SECOND)).toBe('10');
    expect(every(SECOND)).toBe('5');
    expect(every(10 * MINUTE)).toBe('60');
  });

  test('comes soon while a first poll is awaited', () => {
    expect(refresh(renderPage(view([organization(), waiting()], { wallTime: WALL })))).toBe('5');
  });
});
