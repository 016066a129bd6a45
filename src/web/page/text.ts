import { type Html, html } from './html.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const wholeNumber = new Intl.NumberFormat('en-US');

/** A whole number with thousands separators: `1,204`. */
export function formatNumber(value: number): string {
  return wholeNumber.format(value);
}

/** A change with its sign, a true minus included: `+14`, `−6`, `±0`. */
export function formatChange(value: number): string {
  if (value === 0) return '±0';
  return `${value < 0 ? '−' : '+'}${wholeNumber.format(Math.abs(value))}`;
}

/**
 * A share with one decimal, which no line break parts from its sign: `93.4 %`. Rounding never makes it whole where somebody is missing, nor nothing
 * where there is somebody. Undefined where the whole is nobody.
 */
export function formatShare(part: number, whole: number): string | undefined {
  if (whole <= 0) return undefined;
  const rounded = Math.round((part / whole) * 1_000) / 10;
  const lowest = part > 0 ? 0.1 : 0;
  const highest = part < whole ? 99.9 : 100;
  return `${Math.min(highest, Math.max(lowest, rounded)).toFixed(1)}\u{A0}%`;
}

/** A duration (ms) in its two largest units, rounded down: `42 s`, `4 min`, `1 h 31 min`, `2 d 4 h`. */
export function formatDuration(duration: number): string {
  const rest = Math.max(0, duration);
  if (rest < MINUTE) return `${Math.floor(rest / SECOND)} s`;
  if (rest < HOUR) return `${Math.floor(rest / MINUTE)} min`;
  if (rest < DAY) return twoUnits(Math.floor(rest / HOUR), 'h', Math.floor((rest % HOUR) / MINUTE), 'min');
  return twoUnits(Math.floor(rest / DAY), 'd', Math.floor((rest % DAY) / HOUR), 'h');
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const first = `${formatNumber(large)} ${largeUnit}`;
  return small === 0 ? first : `${first} ${small} ${smallUnit}`;
}

/** How long ago something was, given its age (ms). A clock that was set back gives `just now`. */
export function formatAge(age: number): string {
  return age < SECOND ? 'just now' : `${formatDuration(age)} ago`;
}

/** A moment on the wall clock (ms), exact for machines and to the second, in UTC, for people. */
export function timeElement(moment: number): Html {
  const iso = new Date(moment).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}

/** Text cut to so many characters, with an ellipsis where something was cut off. */
export function clip(text: string, limit: number): string {
  const characters = Array.from(text.slice(0, 2 * (limit + 1)));
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join('')}…`;
}
