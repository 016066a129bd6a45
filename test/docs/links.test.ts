import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const PAGES = ['.', 'docs']
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.md'));

interface Link {
  /** The page as it is written from the top of the repository; empty where the link stays on its own page. */
  readonly path: string;
  readonly anchor: string | undefined;
}

/** Without its blocks of code: what looks like a link or a heading there is none. */
function proseOf(page: string): string {
  return readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```$/gmu, '');
}

function linksOf(page: string): Link[] {
  return [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/gu)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/u.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    return [{ path: path === '' ? page : normalize(join(dirname(page), path)), anchor }];
  });
}

/** The anchors that a page's headings have where it is shown: as GitHub makes them. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of proseOf(page).matchAll(/^#{1,6} +(.+?)(?: +#+)? *$/gmu)) {
    const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/gu, '$1');
    const plain = shown
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    let anchor = plain;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${plain}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

describe.each(PAGES)('the links of %s', (page) => {
  it('lead to files that are there', () => {
    const dead = linksOf(page).filter(({ path }) => !existsSync(path));
    expect(dead.map(({ path }) => path)).toEqual([]);
  });

  it('lead to headings that are there', () => {
    const dead = linksOf(page).filter(
      ({ path, anchor }) =>
        anchor !== undefined && path.endsWith('.md') && existsSync(path) && !anchorsOf(path).has(anchor),
    );
    expect(dead.map(({ path, anchor }) => `${path}#${anchor}`)).toEqual([]);
  });
});

it('finds links and headings at all', () => {
  expect(linksOf('README.md')).toContainEqual({ path: 'docs/metrics.md', anchor: 'reasons' });
  expect(anchorsOf('docs/metrics.md')).toContain('reasons');
});
