import type { Result } from './result.ts';

/** What every measure is given. */
export interface Context {
  /** A folder for files of the run; it is removed at the end. */
  readonly folder: string;
  /** How often everything is measured. */
  readonly rounds: number;
  /** How long each load lasts. */
  readonly seconds: number;
  /** Says what is being done; the next word takes its place. */
  readonly progress: (what: string) => void;
}

/** Measures one thing, ours and the yardstick by turns. */
export type Measure = (context: Context) => Promise<readonly Result[]>;
