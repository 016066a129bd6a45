import { validateHeaderValue } from 'node:http';
import * as z from 'zod/mini';
import { nearest } from '../../config/nearest.ts';
import { quote } from '../../config/quote.ts';
import { CIPHER_SUITES, CURVES, INSECURE_CIPHER_SUITES } from './cipher-suites.ts';
import { parseGoDuration } from './go-duration.ts';

/** bcryptjs needs about four seconds for a hash of this cost, and nothing can stop it once it runs. */
const HIGHEST_BCRYPT_COST = 16;

export const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;

export type ClientAuthType = (typeof CLIENT_AUTH_TYPES)[number];

/** Text that passes a check, which answers what is wrong with it. */
const checkedText = (fault: (text: string) => string | undefined) =>
  z.string().check((context) => {
    const message = fault(context.value);
    if (message === undefined) return;
    context.issues.push({ code: 'custom', message, input: context.value });
  });

const filePath = checkedText((path) => {
  if (path === '') return 'is empty: write the path of a file, or take the key out';
  return path.includes('\0') ? 'holds a NUL character, which no path does' : undefined;
});

const pem = checkedText((text) =>
  text.includes('-----BEGIN ') ? undefined : 'is not in PEM form: it has no line that begins with -----BEGIN',
);

const oneOf = (what: string, words: readonly string[]) =>
  checkedText((word) => {
    if (words.includes(word)) return undefined;
    const meant = nearest(word, words);
    const hint = meant === undefined ? `known: ${words.join(', ')}` : `did you mean ${meant}?`;
    return `${quote(word)} is no ${what} (${hint})`;
  });

const clientAuthType = z.pipe(
  oneOf('client_auth_type', [...CLIENT_AUTH_TYPES, 'RequireClientCert']),
  z.transform(
    (word): ClientAuthType => CLIENT_AUTH_TYPES.find((type) => type === word) ?? 'RequireAnyClientCert',
  ),
);

const tlsVersion = checkedText((version) => {
  if (version === 'TLS12' || version === 'TLS13') return undefined;
  if (version === 'TLS10' || version === 'TLS11') {
    return `${version} cannot be honored: Node's OpenSSL speaks it only with its security level switched off; write TLS12 or TLS13`;
  }
  return `${quote(version)} is no TLS version (known: TLS12, TLS13)`;
});

const cipherSuite = checkedText((suite) => {
  if (Object.hasOwn(CIPHER_SUITES, suite)) return undefined;
  if (INSECURE_CIPHER_SUITES.has(suite)) return `${suite} is insecure, and Go's list has it no more`;
  const meant = nearest(suite, Object.keys(CIPHER_SUITES));
  return `${quote(suite)} is no cipher suite of Go${meant === undefined ? '' : `: did you mean ${meant}?`}`;
});

const headerValue = (allowed?: readonly string[]) =>
  checkedText((value) => {
    if (allowed !== undefined && value !== '' && !allowed.includes(value)) {
      return `${quote(value)} is not accepted (known: ${allowed.join(', ')})`;
    }
    try {
      validateHeaderValue('value', value);
      return undefined;
    } catch {
      return 'has characters that no header may have';
    }
  });

const bcryptHash = checkedText((hash) => {
  const match = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(hash);
  if (match === null) {
    return 'is no bcrypt hash: a password itself must not stand here; make a hash with htpasswd -nBC 10 ""';
  }
  const cost = Number(match[1]);
  if (cost < 4) return `has the bcrypt cost ${cost}, and 4 is the lowest there is`;
  if (cost <= HIGHEST_BCRYPT_COST) return undefined;
  return `has the bcrypt cost ${cost}: checking it would hold the exporter for too long, ${HIGHEST_BCRYPT_COST} is the highest that is accepted (10 is usual)`;
});

const userName = checkedText((name) =>
  name.includes(':') ? 'has a colon in it, and no client can send such a user name' : undefined,
);

const duration = z.pipe(
  z.union([z.string(), z.literal(0)]),
  z.transform((value, context) => {
    const milliseconds = parseGoDuration(String(value));
    if (milliseconds !== undefined) return milliseconds;
    context.issues.push({
      code: 'custom',
      message: `${quote(String(value))} is not a duration: write it like 100ms, 1s or 1m30s`,
      input: value,
    });
    return z.NEVER;
  }),
);

const burst = z.number().check(
  z.refine((value) => Number.isSafeInteger(value) && value >= 0, {
    error: 'is not a whole number from 0 on',
  }),
);

const http2 = z.boolean().check(
  z.refine((value) => !value, {
    error: 'true cannot be honored: the exporter serves HTTP/1.1 only; write false, or take the key out',
  }),
);

export const TLS_SCHEMA = z.strictObject({
  cert_file: z.optional(filePath),
  key_file: z.optional(filePath),
  cert: z.optional(pem),
  key: z.optional(pem),
  client_ca_file: z.optional(filePath),
  client_ca: z.optional(pem),
  client_auth_type: z._default(clientAuthType, 'NoClientCert'),
  client_allowed_sans: z.optional(z.array(z.string()).check(z.minLength(1))),
  min_version: z._default(tlsVersion, 'TLS12'),
  max_version: z._default(tlsVersion, 'TLS13'),
  cipher_suites: z._default(z.array(cipherSuite), []),
  prefer_server_cipher_suites: z._default(z.boolean(), true),
  curve_preferences: z._default(z.array(oneOf('curve', Object.keys(CURVES))), []),
});

const HEADERS_SCHEMA = z.strictObject({
  'Content-Security-Policy': z.optional(headerValue()),
  'X-Frame-Options': z.optional(headerValue(['deny', 'sameorigin'])),
  'X-Content-Type-Options': z.optional(headerValue(['nosniff'])),
  'X-XSS-Protection': z.optional(headerValue()),
  'Strict-Transport-Security': z.optional(headerValue()),
});

const HTTP_SCHEMA = z.strictObject({ http2: z.optional(http2), headers: z._default(HEADERS_SCHEMA, {}) });

const RATE_LIMIT_SCHEMA = z.strictObject({ interval: z._default(duration, 0), burst: z._default(burst, 0) });

/** The shape of a web configuration file, key by key. What keys have to do with each other is checked elsewhere. */
export const SCHEMA = z.strictObject({
  tls_server_config: z.optional(TLS_SCHEMA),
  http_server_config: z._default(HTTP_SCHEMA, { headers: {} }),
  basic_auth_users: z._default(z.record(userName, bcryptHash), {}),
  rate_limit: z._default(RATE_LIMIT_SCHEMA, { interval: 0, burst: 0 }),
});

export type ParsedWebConfiguration = z.output<typeof SCHEMA>;
export type ParsedTls = z.output<typeof TLS_SCHEMA>;

/** Every key of the format, by the path that leads to it; a user stands under `basic_auth_users`. */
export const WEB_CONFIGURATION_KEYS: readonly string[] = [
  ...Object.keys(TLS_SCHEMA.shape).map((key) => `tls_server_config.${key}`),
  'http_server_config.http2',
  ...Object.keys(HEADERS_SCHEMA.shape).map((key) => `http_server_config.headers.${key}`),
  'basic_auth_users',
  ...Object.keys(RATE_LIMIT_SCHEMA.shape).map((key) => `rate_limit.${key}`),
];

/** The keys that may stand at a path, or undefined where any may. */
export function knownKeysAt(path: readonly (string | number)[]): readonly string[] | undefined {
  switch (path.join('.')) {
    case '':
      return Object.keys(SCHEMA.shape);
    case 'tls_server_config':
      return Object.keys(TLS_SCHEMA.shape);
    case 'http_server_config':
      return Object.keys(HTTP_SCHEMA.shape);
    case 'http_server_config.headers':
      return Object.keys(HEADERS_SCHEMA.shape);
    case 'rate_limit':
      return Object.keys(RATE_LIMIT_SCHEMA.shape);
    default:
      return undefined;
  }
}
