import { type Html, html } from './html.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How a language writes numbers, shares, durations and dates. */
export interface Formats {
  /** A whole number: `1,204`. */
  readonly number: (value: number) => string;
  /** A difference with its sign: `+14`. */
  readonly difference: (value: number) => string;
  /** A share with one decimal: `93.4%`; undefined where the whole is 0. */
  readonly share: (part: number, whole: number) => string | undefined;
  /** Milliseconds, rounded down: `42 sec`, `4 min`, `1 hr 31 min`, `2 days 4 hr`. */
  readonly duration: (milliseconds: number) => string;
  /** A moment on the wall clock (ms) in UTC, exact for machines and to the minute for people. */
  readonly time: (moment: number) => Html;
}

/** Formatters are made when they are first used: together they take 8 MB and 40 ms. */
function lazy<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** @param separator text between two units of a duration */
export function formatsOf(locale: string, separator: string): Formats {
  const numberFormat = (options?: Intl.NumberFormatOptions) =>
    lazy(() => new Intl.NumberFormat(locale, options));
  const number = numberFormat();
  const difference = numberFormat({ signDisplay: 'exceptZero' });
  const percent = numberFormat({ style: 'percent', minimumFractionDigits: 1 });
  const date = lazy(
    () =>
      new Intl.DateTimeFormat(locale, {
        dateStyle: 'medium',
        timeStyle: 'short',
        hourCycle: 'h23',
        timeZone: 'UTC',
      }),
  );
  const unitOf = (size: number, unit: string) => {
    const unitFormat = numberFormat({ style: 'unit', unit, unitDisplay: 'short' });
    return { size, format: (count: number) => unitFormat().format(count) };
  };
  const seconds = unitOf(SECOND, 'second');
  const units = [unitOf(DAY, 'day'), unitOf(HOUR, 'hour'), unitOf(MINUTE, 'minute'), seconds];

  return {
    number: (value) => number().format(value),
    difference: (value) => difference().format(value),
    share(part, whole) {
      if (whole <= 0) return undefined;
      // Rounding must not turn 1 of 100,000 into 0.0%, nor 99,999 into 100.0%.
      const minimum = part > 0 ? 0.001 : 0;
      const maximum = part < whole ? 0.999 : 1;
      return percent().format(Math.min(maximum, Math.max(minimum, part / whole)));
    },
    duration(milliseconds) {
      const left = Math.max(0, milliseconds);
      const index = units.findIndex(({ size }) => left >= size);
      const { size, format } = units[index] ?? seconds;
      const large = format(Math.floor(left / size));
      // Minutes and seconds are shown without a smaller unit.
      const smaller = size < HOUR ? undefined : units[index + 1];
      const rest = smaller === undefined ? 0 : Math.floor((left % size) / smaller.size);
      return smaller === undefined || rest === 0 ? large : large + separator + smaller.format(rest);
    },
    time(moment) {
      const when = new Date(moment);
      return html`<time datetime="${when.toISOString()}">${date().format(when)} UTC</time>`;
    },
  };
}
