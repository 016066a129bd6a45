import type { Report } from './report.ts';
import { type Goal, isMet, type Result } from './result.ts';
import type { Summary } from './statistics.ts';

/** The results as a table in Markdown, which reads well in a terminal too. */
export function resultTable(results: readonly Result[]): string {
  return table(
    ['what', 'goal', 'measured (least to most)', 'met', 'ours', 'bare', 'prom-client + express'],
    results.map((result) => [
      result.name,
      describeGoal(result.goal),
      withSpread(result.measured),
      isMet(result) ? 'yes' : 'no',
      withUnit(result.ours, result.unit),
      result.yardstick === undefined ? '' : withUnit(result.yardstick, result.unit),
      result.plain === undefined ? '' : withUnit(result.plain, result.unit),
    ]),
  );
}

/** What has become of the figures of an earlier run. */
export function comparisonTable(before: Report, now: Report): string {
  const rows = now.results.flatMap((result) => {
    const earlier = before.results.find(({ name }) => name === result.name);
    if (earlier === undefined) return [];
    const change = (result.measured.median / earlier.measured.median - 1) * 100;
    const sign = change > 0 ? '+' : '';
    return [
      [
        result.name,
        withSpread(earlier.measured),
        withSpread(result.measured),
        `${sign}${change.toFixed(0)} %`,
      ],
    ];
  });
  return table(['what', `then (${before.at})`, 'now', 'change'], rows);
}

function describeGoal({ kind, value }: Goal): string {
  switch (kind) {
    case 'at_least':
      return `>= ${value}`;
    case 'at_most':
      return `<= ${value}`;
    case 'exactly':
      return `= ${value}`;
  }
}

function withSpread({ median, least, most }: Summary): string {
  return `${short(median)} (${short(least)} to ${short(most)})`;
}

function withUnit({ median }: Summary, unit: string): string {
  return unit.startsWith('/') ? `${short(median)}${unit}` : `${short(median)} ${unit}`;
}

function short(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3).replace(/\.?0+$/u, '');
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(heads), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join(
    '\n',
  );
}
