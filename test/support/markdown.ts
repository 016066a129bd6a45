import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export interface Link {
  /** The page, as a path from the top of the repository; the page itself for a link within it. */
  readonly path: string;
  readonly anchor: string | undefined;
}

const CODE_BLOCK = /^ *```[\s\S]*?^ *```$/gmu;

/** The fenced blocks of code, fences included. */
export function codeBlocksOf(page: string): string[] {
  return readFileSync(page, 'utf8').match(CODE_BLOCK) ?? [];
}

/** The page without its blocks of code, in which nothing is a link, a heading or a table. */
export function proseOf(page: string): string {
  return readFileSync(page, 'utf8').replace(CODE_BLOCK, '');
}

/** The links to files of the repository. */
export function linksOf(page: string): Link[] {
  return [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/gu)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/u.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    return [{ path: path === '' ? page : normalize(join(dirname(page), path)), anchor }];
  });
}

/** The headings in order, each with its level and the anchor that GitHub gives it. */
export function headingsOf(page: string): { level: number; text: string; anchor: string }[] {
  const anchors = new Set<string>();
  return [...proseOf(page).matchAll(/^(#{1,6}) +(.+?)(?: +#+)? *$/gmu)].map(([, hashes = '', text = '']) => {
    const shown = text.replace(/\[([^\]]*)\]\([^)]*\)/gu, '$1');
    const plain = shown
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    let anchor = plain;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${plain}-${count}`;
    anchors.add(anchor);
    return { level: hashes.length, text, anchor };
  });
}

/** The tables' rows as lists of cells, white space trimmed. */
export function tableRowsOf(page: string): string[][] {
  return [...proseOf(page).matchAll(/^\|(.*)\|$/gmu)].map(([, row = '']) =>
    row.split(/(?<!\\)\|/u).map((cell) => cell.trim()),
  );
}
