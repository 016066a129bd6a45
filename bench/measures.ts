import type { Measure } from './context.ts';
import { calls } from './measures/calls.ts';
import { polling } from './measures/polling.ts';
import { scrapes } from './measures/scrapes.ts';
import { start } from './measures/start.ts';

/** Everything that is measured, in the order in which it is. */
export const MEASURES = {
  one: scrapes({ organizations: 1, memory: 1.8 }),
  many: scrapes({ organizations: 10_000, memory: 2.5 }),
  polling,
  start,
  calls,
} as const satisfies Readonly<Record<string, Measure>>;

export type MeasureName = keyof typeof MEASURES;

export const MEASURE_NAMES: readonly MeasureName[] = ['one', 'many', 'polling', 'start', 'calls'];
