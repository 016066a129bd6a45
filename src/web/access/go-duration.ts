/** Go's units, in milliseconds. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/**
 * Reads a duration as Go writes it (`1.5h`, `300ms`, `1m30s`, `0`), as the toolkit's file has them.
 *
 * @returns milliseconds, or undefined for what is not one, or negative
 * @see https://pkg.go.dev/time#ParseDuration
 */
export function parseGoDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (text === '') return undefined;
  let milliseconds = 0;
  PART.lastIndex = 0;
  for (let end = 0; end < text.length; end = PART.lastIndex) {
    const part = PART.exec(text);
    const unit = part?.[2] === undefined ? undefined : UNITS[part[2]];
    if (unit === undefined) return undefined;
    milliseconds += Number(part?.[1]) * unit;
  }
  return Number.isFinite(milliseconds) ? milliseconds : undefined;
}
