/** One row: what was measured, in each round side by side. */
export interface Row {
  readonly name: string;
  /** Of `ours` and of what it is compared with. */
  readonly unit: string;
  readonly goal: { readonly kind: '>=' | '<=' | '='; readonly value: number };
  /** What the goal is about: the ratio of ours to one of the others, or our own number. */
  readonly against: 'bare' | 'plain' | 'nothing';
  /** One number a round. */
  readonly ours: readonly number[];
  /** The bare `node:http` server. */
  readonly bare?: readonly number[];
  /** The exporter of prom-client and express. */
  readonly plain?: readonly number[];
}

interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The rows as a table in Markdown. */
export function resultTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const measured = measuredBy(row);
    const { median, least, most } = measured;
    return [
      row.name,
      `${row.goal.kind} ${row.goal.value}`,
      `${short(median)} (${short(least)} to ${short(most)})`,
      isMet(row.goal, measured) ? 'yes' : 'no',
      ...[row.ours, row.bare, row.plain].map((values) =>
        values === undefined ? '' : `${short(summarize(values).median)}${row.unit}`,
      ),
    ];
  });
  const head = ['what', 'goal', 'measured (least to most)', 'met', 'ours', 'bare', 'prom-client + express'];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Ratios are taken within a round, so that what else the machine does is on both sides. */
function measuredBy({ against, ours, ...others }: Row): Summary {
  const other = against === 'nothing' ? undefined : others[against];
  return summarize(
    other === undefined ? ours : ours.map((value, round) => value / (other[round] ?? Number.NaN)),
  );
}

function isMet({ kind, value }: Row['goal'], { median, least, most }: Summary): boolean {
  switch (kind) {
    case '>=':
      return median >= value;
    case '<=':
      return median <= value;
    case '=':
      return least === value && most === value;
  }
}

function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (place: number): number => sorted[Math.floor(place)] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return { median: (at(middle) + at(middle + 0.5)) / 2, least: at(0), most: at(sorted.length - 1) };
}

function short(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
