import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { headingsOf, linksOf } from '../support/markdown.ts';

const PAGES = ['.', 'docs', 'docs/zh-CN']
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.md'));

function anchorsOf(page: string): string[] {
  return headingsOf(page).map(({ anchor }) => anchor);
}

describe.each(PAGES)('the links of %s', (page) => {
  it('lead to existing files', () => {
    const dead = linksOf(page).filter(({ path }) => !existsSync(path));
    expect(dead.map(({ path }) => path)).toEqual([]);
  });

  it('lead to existing headings', () => {
    const dead = linksOf(page).filter(
      ({ path, anchor }) =>
        anchor !== undefined && path.endsWith('.md') && existsSync(path) && !anchorsOf(path).includes(anchor),
    );
    expect(dead.map(({ path, anchor }) => `${path}#${anchor}`)).toEqual([]);
  });
});

it('finds links and headings', () => {
  expect(linksOf('README.md')).toContainEqual({ path: 'docs/metrics.md', anchor: 'reasons' });
  expect(anchorsOf('docs/metrics.md')).toContain('reasons');
});
