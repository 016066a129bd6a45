import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

/**
 * Holds a part of a page, between `<!-- begin NAME -->` and `<!-- end NAME -->`, against what the code says. With
 * `UPDATE_DOCS=true` it is written first.
 */
export function expectGenerated(path: string, name: string, text: string): void {
  const page = readFileSync(path, 'utf8');
  const [begin, end] = [`<!-- begin ${name} -->\n`, `\n<!-- end ${name} -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`${path} has no place for "${name}"`);
  if (process.env['UPDATE_DOCS'] === 'true') {
    writeFileSync(path, page.slice(0, from + begin.length) + text + page.slice(to));
    return;
  }
  expect(page.slice(from + begin.length, to), `${path}: UPDATE_DOCS=true npm test writes it anew`).toBe(text);
}

/** A table in Markdown, in columns of even width. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], filling: string): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, filling)).join(' | ')} |`;
  return [line(head, ' '), line([], '-'), ...rows.map((cells) => line(cells, ' '))].join('\n');
}

/** As code in a cell; a pipe would end the cell. */
export function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}
