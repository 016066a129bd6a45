import { parseArgs } from 'node:util';
import { MEASURE_NAMES, type MeasureName } from './measures.ts';

export interface Options {
  readonly only: readonly MeasureName[];
  readonly rounds: number;
  readonly seconds: number;
  /** The results of an earlier run, to be compared with. */
  readonly compare: string | undefined;
}

export const USAGE = `npm run bench -- [--only=NAME]... [--rounds=N] [--seconds=N] [--compare=FILE]
  --only      one of ${MEASURE_NAMES.join(', ')}; all of them unless given
  --rounds    how often everything is measured (default: 5)
  --seconds   how long each load lasts (default: 3)
  --compare   the results of an earlier run (bench/results/*.json)
`;

/** @throws Error that says what is wrong with an argument. */
export function readOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      compare: { type: 'string' },
    },
  });
  const only = values.only.map((given) => {
    const name = MEASURE_NAMES.find((each) => each === given);
    if (name === undefined) throw new Error(`--only=${given}: is none of ${MEASURE_NAMES.join(', ')}`);
    return name;
  });
  return {
    only: only.length === 0 ? MEASURE_NAMES : only,
    rounds: wholeNumber('rounds', values.rounds),
    seconds: wholeNumber('seconds', values.seconds),
    compare: values.compare,
  };
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/u.test(text)) throw new Error(`--${name}=${text}: is not a whole number from 1 on`);
  return Number(text);
}
