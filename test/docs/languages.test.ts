import { readdirSync, readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeBlocksOf, headingsOf, linksOf, tableRowsOf } from '../support/markdown.ts';

/** Each English page or picture with its Chinese counterpart. */
const CHINESE = new Map([
  ['README.md', 'README.zh-CN.md'],
  ...readdirSync('docs/zh-CN').map((name): [string, string] => [`docs/${name}`, `docs/zh-CN/${name}`]),
]);
const PAGES = [...CHINESE].filter(([english]) => english.endsWith('.md'));

/** The levels of the headings, and the texts of those with the name of an alert: `runbook_url` links to them. */
function outlineOf(page: string): string[] {
  return headingsOf(page).map(({ level, text }) => `${level} ${/^DingTalk\w+$/u.test(text) ? text : ''}`);
}

/** The code and the numbers in each cell, sorted, since their order depends on the language. */
function namesInTables(page: string): string[][][] {
  return tableRowsOf(page).map((row) => row.map((cell) => [...cell.matchAll(/`[^`]*`|\d+/gu)].flat().sort()));
}

function chineseAnchor(english: string, chinese: string, anchor: string | undefined): string {
  if (anchor === undefined) return '';
  const place = headingsOf(english).findIndex((heading) => heading.anchor === anchor);
  return `#${headingsOf(chinese)[place]?.anchor}`;
}

describe.each(PAGES)('%s and %s', (english, chinese) => {
  it('link to each other in the first line', () => {
    const [toChinese, toEnglish] = [relative(dirname(english), chinese), relative(dirname(chinese), english)];
    expect(firstLineOf(english)).toBe(`**English** | [简体中文](${toChinese})`);
    expect(firstLineOf(chinese)).toBe(`[English](${toEnglish}) | **简体中文**`);
  });

  it('have the same headings', () => {
    expect(outlineOf(chinese)).toEqual(outlineOf(english));
  });

  it('have the same code blocks', () => {
    expect(codeBlocksOf(chinese)).toEqual(codeBlocksOf(english));
  });

  it('have the same names and numbers in their tables', () => {
    expect(namesInTables(chinese)).toEqual(namesInTables(english));
  });

  it('link to the same pages, the Chinese one to Chinese pages if they exist', () => {
    const [, ...expected] = linksOf(english).map(({ path, anchor }) => {
      const counterpart = CHINESE.get(path);
      if (counterpart === undefined) return anchor === undefined ? path : `${path}#${anchor}`;
      return counterpart + chineseAnchor(path, counterpart, anchor);
    });
    const [, ...links] = linksOf(chinese).map(({ path, anchor }) =>
      anchor === undefined ? path : `${path}#${anchor}`,
    );
    expect(links.sort()).toEqual(expected.sort());
  });
});

function firstLineOf(page: string): string {
  return readFileSync(page, 'utf8').split('\n', 1)[0] ?? '';
}
