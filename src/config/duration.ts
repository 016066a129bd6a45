import { quote } from './quote.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Prometheus' units, large to small, in milliseconds. A year has 365 days, as it has there. */
const UNITS = [
  { symbol: 'y', length: 365 * DAY, onlyWhole: true },
  { symbol: 'w', length: 7 * DAY, onlyWhole: true },
  { symbol: 'd', length: DAY, onlyWhole: true },
  { symbol: 'h', length: HOUR, onlyWhole: false },
  { symbol: 'm', length: MINUTE, onlyWhole: false },
  { symbol: 's', length: SECOND, onlyWhole: false },
  { symbol: 'ms', length: 1, onlyWhole: false },
] as const;

/** The longest duration that Prometheus knows: 2^63 - 1 nanoseconds. */
const LONGEST = 9_223_372_036_854;

const FORM = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const LENIENT_PART = /(\d+(?:\.\d+)?)\s*(ms|[ywdhms])\s*/gy;
const UNIT_WORDS = 'y, w, d, h, m, s and ms';

/** A duration in milliseconds, or what is wrong with the text that was given. */
export type DurationReading =
  | { readonly kind: 'duration'; readonly milliseconds: number }
  | { readonly kind: 'fault'; readonly message: string };

/** Both ends belong to the range; durations as one would write them. */
export interface DurationBounds {
  readonly minimum: string;
  readonly maximum: string;
}

/**
 * Reads a duration as Prometheus writes it: whole numbers with a unit, from the largest unit to the smallest,
 * each once (`30s`, `1h30m`, `500ms`), or a bare `0`.
 * @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/
 */
export function parseDuration(text: string): DurationReading {
  if (text === '0') return { kind: 'duration', milliseconds: 0 };
  const match = text === '' ? null : FORM.exec(text);
  if (match === null) return { kind: 'fault', message: explain(text) };
  let milliseconds = 0;
  for (const [index, unit] of UNITS.entries()) {
    milliseconds += Number(match[index + 1] ?? 0) * unit.length;
  }
  if (milliseconds > LONGEST) return { kind: 'fault', message: `${quote(text)} is too long for a duration` };
  return { kind: 'duration', milliseconds };
}

/** As {@link parseDuration}, and tells a duration outside of the bounds in words. */
export function parseDurationWithin(text: string, { minimum, maximum }: DurationBounds): DurationReading {
  const reading = parseDuration(text);
  if (reading.kind === 'fault') return reading;
  if (reading.milliseconds < lengthOf(minimum)) {
    return { kind: 'fault', message: `${text} is too short: at least ${minimum}` };
  }
  if (reading.milliseconds > lengthOf(maximum)) {
    return { kind: 'fault', message: `${text} is too long: at most ${maximum}` };
  }
  return reading;
}

/** A duration that stands in the program itself. */
function lengthOf(text: string): number {
  const reading = parseDuration(text);
  return reading.kind === 'duration' ? reading.milliseconds : Number.NaN;
}

/** Writes whole milliseconds as Prometheus does: `5400000` is `1h30m`, `0` is `0s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  let text = '';
  let rest = milliseconds;
  for (const { symbol, length, onlyWhole } of UNITS) {
    if (onlyWhole && rest % length !== 0) continue;
    const count = Math.floor(rest / length);
    if (count > 0) text += `${count}${symbol}`;
    rest -= count * length;
  }
  return text;
}

/** What a person probably meant, where the text has numbers and units but not in Prometheus' form. */
function guess(text: string): string | undefined {
  let milliseconds = 0;
  let end = 0;
  for (const part of text.matchAll(LENIENT_PART)) {
    const unit = UNITS.find(({ symbol }) => symbol === part[2]);
    milliseconds += Number(part[1]) * (unit?.length ?? 0);
    end = part.index + part[0].length;
  }
  const whole = Math.round(milliseconds);
  return end === text.length && whole > 0 && whole <= LONGEST ? formatDuration(whole) : undefined;
}

function explain(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return 'is empty: write a duration, such as 30s';
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) return `${quote(text)} has no unit: write a unit, such as 30s`;
  if (/^-/.test(trimmed)) return `${quote(text)} is negative: write a duration, such as 30s`;
  const meant = trimmed.length > 100 ? undefined : guess(trimmed);
  if (meant !== undefined) return `${quote(text)} is not how Prometheus writes durations: write ${meant}`;
  const unknown = /^(?:\d+(?:ms|[ywdhms]))*\d+(?!ms|[ywdhms](?:\d|$))([A-Za-zµ]+)/.exec(trimmed)?.[1];
  if (unknown !== undefined) {
    return `${quote(text)} has an unknown unit ${quote(unknown)}: units are ${UNIT_WORDS}`;
  }
  return `${quote(text)} is not a duration: write it like 30s, 5m or 1h30m`;
}
