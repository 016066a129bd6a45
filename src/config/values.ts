import * as z from 'zod/mini';
import { isLoopback } from '../dingtalk/loopback.ts';
import { type DurationBounds, parseDurationWithin } from './duration.ts';
import { quote } from './quote.ts';

const LONGEST_NAME = 128;
const LONGEST_ID = 256;

/** The first control character or lone surrogate, which neither labels nor URLs can carry. */
const UNUSABLE = /\p{Cc}|\p{Surrogate}/u;

function faultOfCharacters(text: string): string | undefined {
  const match = UNUSABLE.exec(text);
  const code = match?.[0].codePointAt(0);
  if (match === null || code === undefined) return undefined;
  const kind = code >= 0xd800 ? 'half a character' : 'a control character';
  const position = Array.from(text.slice(0, match.index)).length + 1;
  return `has ${kind} (U+${code.toString(16).toUpperCase().padStart(4, '0')}) at position ${position}`;
}

function text(faultOf: (value: string) => string | undefined) {
  return z.string().check(({ value, issues }) => {
    const message = faultOf(value);
    if (message !== undefined) issues.push({ code: 'custom', input: undefined, message });
  });
}

/** The value of the label `organization`. */
export const name = text((value) => {
  if (value === '') return 'is empty: it is the label organization';
  const length = Array.from(value).length;
  if (length > LONGEST_NAME) return `has ${length} characters: at most ${LONGEST_NAME}`;
  const wrong = faultOfCharacters(value);
  return wrong && `${wrong}: take it out`;
});

/** What DingTalk calls an app or an organization. It goes into the path of a URL. */
export const id = text((value) => {
  if (value === '') return 'is empty: copy it from the developer console';
  if (value.length > LONGEST_ID) return `has ${value.length} characters: at most ${LONGEST_ID}`;
  if (!/^[\x21-\x7e]+$/.test(value) || /^\.+$/.test(value)) {
    return 'has characters that no id of DingTalk has: copy it again from the developer console';
  }
  return undefined;
});

/** A secret that stands inline. No fault shows any of it. */
export const secret = z.pipe(
  z.string(),
  z.transform((value, { issues }) => {
    const trimmed = value.trim();
    const message =
      trimmed === ''
        ? 'is empty: write the secret, or name a file that holds it'
        : UNUSABLE.test(trimmed) && 'has characters that no secret of DingTalk has: copy it again';
    if (message) issues.push({ code: 'custom', input: undefined, message });
    return trimmed;
  }),
);

export const filePath = text((value) => {
  if (value === '') return 'is empty: write the path of a file';
  const wrong = faultOfCharacters(value);
  return wrong && `${wrong}: write the path of a file`;
});

export const region = z.enum(['international', 'china'], {
  error: ({ input }) =>
    typeof input === 'string' ? `${quote(input)} is no region: write international or china` : undefined,
});

/** A duration in Prometheus' words, read into milliseconds. YAML reads a bare number, which lacks its unit. */
export function duration(bounds: DurationBounds) {
  return z.pipe(
    z.union([z.string(), z.number()]),
    z.transform((value, { issues }) => {
      const reading = parseDurationWithin(String(value), bounds);
      if (reading.kind === 'duration') return reading.milliseconds;
      issues.push({ code: 'custom', input: undefined, message: reading.message });
      return z.NEVER;
    }),
  );
}

export function wholeNumber({ minimum, maximum }: { readonly minimum: number; readonly maximum: number }) {
  const error = ({ input }: { readonly input?: unknown }): string | undefined => {
    const form = `a whole number from ${minimum} to ${maximum}`;
    if (typeof input === 'number') return `${input} is not ${form}`;
    if (typeof input === 'string' && /^\d+$/.test(input))
      return `${quote(input)} is text: take the quotes off`;
    return input === null || input === undefined ? undefined : `is not ${form}`;
  };
  return z.int({ error }).check(z.minimum(minimum, { error }), z.maximum(maximum, { error }));
}

/** The URL of one of DingTalk's hosts, or of what stands in for it. No fault shows it: it may hold a password. */
export const endpoint = z.pipe(
  z.string({
    error: ({ input }) => (input === undefined ? 'is missing: both URLs are needed, or neither' : undefined),
  }),
  z.transform((value, { issues }) => {
    const url = parseUrl(value);
    const message = url === undefined ? NO_URL : faultOfUrl(url, value);
    if (message !== undefined) issues.push({ code: 'custom', input: undefined, message });
    return url === undefined ? z.NEVER : `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  }),
);

const NO_URL = 'is not an absolute URL: write it like https://api.dingtalk.io';

function parseUrl(value: string): URL | undefined {
  // The URL standard repairs white space, backslashes and missing slashes; a person who wrote them erred.
  if (!/^https?:\/\/[^\s\\/]/i.test(value) || /[\s\\]/.test(value) || UNUSABLE.test(value)) return undefined;
  try {
    return new URL(value);
  } catch {
    return undefined;
  }
}

function faultOfUrl(url: URL, value: string): string | undefined {
  if (url.username !== '' || url.password !== '') {
    return 'has credentials in it: take them out (those of the app are keys of the organization)';
  }
  if (value.includes('?') || value.includes('#'))
    return 'has a query or a fragment: write scheme, host and path only';
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return 'sends secrets over plain http: write https (http is for localhost, 127.0.0.0/8 and [::1] only)';
  }
  return undefined;
}
