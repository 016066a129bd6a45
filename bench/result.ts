import { type Summary, summarize } from './statistics.ts';

/** Whether the goal is a floor or a ceiling, and where it lies. */
export interface Goal {
  readonly kind: 'at_least' | 'at_most' | 'exactly';
  readonly value: number;
}

/** One line of the table: what was measured, in each round side by side. */
export interface Result {
  readonly name: string;
  readonly goal: Goal;
  /** What the goal is about: the ratio of ours to the yardstick, or our own number where there is no yardstick. */
  readonly measured: Summary;
  /** The unit of `ours` and of the two below; that of `measured` too where there is no yardstick. */
  readonly unit: string;
  readonly ours: Summary;
  readonly yardstick: Summary | undefined;
  /** The exporter of prom-client and express. */
  readonly plain: Summary | undefined;
}

/** The measurements of all rounds, one entry a round. */
export interface Rounds {
  readonly ours: readonly number[];
  readonly yardstick?: readonly number[];
  readonly plain?: readonly number[];
}

/** Puts the rounds of one measurement together. Ratios are taken within a round, so that a busy moment hits both sides. */
export function result(name: string, unit: string, goal: Goal, rounds: Rounds): Result {
  const { ours, yardstick, plain } = rounds;
  const measured =
    yardstick === undefined ? ours : ours.map((value, index) => value / (yardstick[index] ?? Number.NaN));
  return {
    name,
    goal,
    unit,
    measured: summarize(measured),
    ours: summarize(ours),
    yardstick: yardstick && summarize(yardstick),
    plain: plain && summarize(plain),
  };
}

export function isMet({ goal, measured }: Pick<Result, 'goal' | 'measured'>): boolean {
  switch (goal.kind) {
    case 'at_least':
      return measured.median >= goal.value;
    case 'at_most':
      return measured.median <= goal.value;
    case 'exactly':
      return measured.least === goal.value && measured.most === goal.value;
  }
}
