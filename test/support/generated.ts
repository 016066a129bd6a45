import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

/**
 * Holds a part of a page, between `<!-- generated: NAME -->` and `<!-- end -->`, against what the code says. With
 * `UPDATE_DOCS=1` it is written instead.
 */
export function expectGenerated(path: string, name: string, text: string): void {
  const page = readFileSync(path, 'utf8');
  const start = `<!-- generated: ${name} -->\n`;
  const from = page.indexOf(start);
  const to = page.indexOf('\n<!-- end -->', from);
  if (from < 0 || to < 0)
    throw new Error(`${path} has no part "${name}" between ${start.trim()} and <!-- end -->`);
  if (process.env['UPDATE_DOCS'] === '1') {
    writeFileSync(path, page.slice(0, from + start.length) + text.trim() + page.slice(to));
    return;
  }
  expect(page.slice(from + start.length, to), `${path}: run UPDATE_DOCS=1 npm test to write it anew`).toBe(
    text.trim(),
  );
}

/** A table in Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
