import * as z from 'zod';
import { isLoopback } from '../dingtalk/proxy.ts';
import { PLACEHOLDER } from '../dingtalk/secret.ts';
import { quote, typeOf } from './fault.ts';

const MAXIMUM_NAME = 128;
const MAXIMUM_ID = 256;

/** Control characters and lone surrogates, which labels, URLs and paths cannot contain. */
const UNUSABLE = /\p{Cc}|\p{Surrogate}/u;

const NOT_EXPANDED = 'is a placeholder, which is not expanded';

/** Text that passes a check, which returns what is wrong with it. */
export function text(faultOf: (value: string) => string | undefined) {
  return z.string().superRefine((value, context) => {
    const message = faultOf(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

function faultOfCharacters(value: string): string | undefined {
  return UNUSABLE.test(value) ? 'has a control character or a lone surrogate' : undefined;
}

/** The value of the label `organization`. */
export const name = text((value) => {
  const length = Array.from(value).length;
  if (length === 0) return 'is empty: it is the value of the label organization';
  return length > MAXIMUM_NAME
    ? `has ${length} characters: at most ${MAXIMUM_NAME}`
    : faultOfCharacters(value);
});

/** The id of an app or an organization. It becomes part of the path of a URL. */
export const id = text((value) => {
  if (value === '') return 'is empty: copy it from the developer console';
  if (value.length > MAXIMUM_ID) return `has ${value.length} characters: at most ${MAXIMUM_ID}`;
  if (PLACEHOLDER.test(value)) return NOT_EXPANDED;
  if (/^[\x21-\x7e]+$/.test(value) && !/^\.+$/.test(value)) return undefined;
  return 'has characters that no DingTalk id has: copy it again from the developer console';
});

/** An inline secret. No fault shows any of it. */
export const secret = text((value) => {
  const trimmed = value.trim();
  if (trimmed === '') return 'is empty: write the secret, or name a file that holds it';
  if (PLACEHOLDER.test(trimmed)) return `${NOT_EXPANDED}: write the secret, or name a file that holds it`;
  return UNUSABLE.test(trimmed) ? 'has characters that no DingTalk secret has: copy it again' : undefined;
});

export const filePath = text((value) =>
  value === '' ? 'is empty: write the path of a file' : faultOfCharacters(value),
);

export const region = z.enum(['international', 'china'], {
  error: ({ input }) =>
    typeof input === 'string' ? `${quote(input)} is not a region: write international or china` : undefined,
});

/** The environment has only text, and YAML reads a duration without unit as a number: both are converted here. */
function numeric(expected: string, read: (text: string) => number | string) {
  const error = ({ input }: { readonly input?: unknown }): string | undefined =>
    input === null ? undefined : `is ${typeOf(input)}, but ${expected} is expected`;
  return z.union([z.string(), z.number()], { error }).transform((value, context) => {
    const result = read(String(value));
    if (typeof result === 'number') return result;
    context.addIssue({ code: 'custom', message: result });
    return z.NEVER;
  });
}

/** Prometheus' units in milliseconds, from large to small. A year has 365 days. */
const UNITS = [31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1_000, 1];

const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/**
 * Reads a duration as Prometheus writes it, into milliseconds: whole numbers with a unit, from the largest unit to
 * the smallest, each once (`30s`, `1h30m`, `500ms`), or a bare `0`. Undefined for any other text.
 * @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const match = text === '' ? null : DURATION.exec(text);
  return match?.slice(1).reduce((sum, count, unit) => sum + Number(count ?? 0) * (UNITS[unit] ?? 0), 0);
}

/** A duration in milliseconds. The bounds are inclusive. */
export function duration(minimum: string, maximum: string) {
  const [shortest = 0, longest = 0] = [minimum, maximum].map(parseDuration);
  return numeric('a duration', (value) => {
    const milliseconds = parseDuration(value);
    if (milliseconds === undefined) {
      return `${quote(value)} is not a duration: write whole numbers with units, such as 30s, 5m or 1h30m`;
    }
    if (milliseconds < shortest) return `${quote(value)} is too short: the minimum is ${minimum}`;
    return milliseconds > longest ? `${quote(value)} is too long: the maximum is ${maximum}` : milliseconds;
  });
}

export function wholeNumber(minimum: number, maximum: number) {
  const expected = `a whole number from ${minimum} to ${maximum}`;
  return numeric(expected, (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    return number >= minimum && number <= maximum ? number : `${quote(value)} is not ${expected}`;
  });
}

/** The URL of one of DingTalk's hosts, or of a gateway to it. No fault shows it: it may hold a password. */
export function endpoint() {
  const error = ({ input }: { readonly input?: unknown }): string | undefined =>
    input === undefined ? 'is missing: set both api and oapi, or neither' : undefined;
  return z.string({ error }).transform((value, context) => {
    const url = parseUrl(value);
    const message = url === undefined ? NO_URL : faultOfUrl(url, value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
    return url === undefined ? z.NEVER : `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  });
}

const NO_URL = 'is not an absolute URL: write it like https://api.dingtalk.io';

function parseUrl(value: string): URL | undefined {
  // `URL` accepts and corrects white space, backslashes and missing slashes; here they are faults.
  if (!/^https?:\/\/[^\s\\/]/i.test(value) || /[\s\\]/.test(value) || UNUSABLE.test(value)) return undefined;
  return URL.canParse(value) ? new URL(value) : undefined;
}

function faultOfUrl(url: URL, value: string): string | undefined {
  if (url.username !== '' || url.password !== '') {
    return 'has credentials in it: the credentials of the app are keys of the organization';
  }
  if (/[?#]/.test(value)) return 'has a query or a fragment: write scheme, host and path only';
  if (url.protocol === 'https:' || isLoopback(url.hostname)) return undefined;
  return 'sends secrets over plain http: write https (http is for localhost, 127.0.0.0/8 and [::1] only)';
}
