import { validateHeaderValue } from 'node:http';
import * as z from 'zod';
import { quote } from '../../config/fault.ts';
import { nearest } from '../../config/nearest.ts';
import { text } from '../../config/values.ts';
import { CIPHER_SUITES, CURVES } from './cipher-suites.ts';

/** bcryptjs needs about four seconds for a hash of this cost, and nothing can stop it once it runs. */
const MAXIMUM_BCRYPT_COST = 16;

export const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;

export type ClientAuthType = (typeof CLIENT_AUTH_TYPES)[number];

const oneOf = (known: readonly string[]) =>
  text((word) => {
    if (known.includes(word)) return undefined;
    const meant = nearest(word, known);
    return `${quote(word)} is not supported: ${meant === undefined ? `use ${known.join(', ')}` : `did you mean ${meant}?`}`;
  });

// RequireClientCert is the old name of RequireAnyClientCert.
const clientAuthType = oneOf([...CLIENT_AUTH_TYPES, 'RequireClientCert']).transform(
  (word) => CLIENT_AUTH_TYPES.find((type) => type === word) ?? 'RequireAnyClientCert',
);

const tlsVersion = text((version) => {
  if (version === 'TLS12' || version === 'TLS13') return undefined;
  return `${quote(version)} is not supported: OpenSSL in Node.js speaks TLS12 and TLS13`;
});

const headerValue = (known?: readonly string[]) =>
  text((value) => {
    if (known !== undefined && !known.includes(value)) {
      return `${quote(value)} is not supported: use ${known.join(' or ')}`;
    }
    try {
      validateHeaderValue('value', value);
      return undefined;
    } catch {
      return 'has characters that are not allowed in a header';
    }
  });

const bcryptHash = text((hash) => {
  const match = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(hash);
  if (match === null) return 'is not a bcrypt hash: make one of the password with htpasswd -nBC 10 ""';
  const cost = Number(match[1]);
  if (cost >= 4 && cost <= MAXIMUM_BCRYPT_COST) return undefined;
  return `has the bcrypt cost ${cost}: use 4 to ${MAXIMUM_BCRYPT_COST} (10 is usual), higher costs take longer than a scrape may`;
});

const userName = text((name) =>
  name.includes(':') ? 'has a colon, which no client can send in a user name' : undefined,
);

/** The toolkit reads YAML 1.1, which has all these booleans. */
const boolean = text((word) =>
  /^(?:y|yes|on|true|n|no|off|false)$/i.test(word) ? undefined : `${quote(word)} is neither true nor false`,
).transform((word) => /^(?:y|yes|on|true)$/i.test(word));

const http2 = boolean.refine(
  (isOn) => !isOn,
  'true is not supported: the exporter speaks HTTP/1.1; write false, or remove the key',
);

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 60e3,
  h: 3600e3,
};

/** A duration as Go writes it, such as `100ms` or `1m30s`, in milliseconds. */
const goDuration = text((duration) =>
  /^(?:0|(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)$/.test(duration)
    ? undefined
    : `${quote(duration)} is not a duration: write it like 100ms, 1s or 1m30s`,
).transform((duration) => {
  let milliseconds = 0;
  for (const [, count, unit = ''] of duration.matchAll(/([\d.]+)([a-zµ]+)/g)) {
    milliseconds += Number(count) * (UNITS[unit] ?? 0);
  }
  return milliseconds;
});

const burst = text((count) =>
  /^(?:0|[1-9]\d{0,8})$/.test(count) ? undefined : `${quote(count)} is not a whole number`,
).transform(Number);

const TLS_KEYS = z.strictObject({
  cert_file: z.string().optional(),
  key_file: z.string().optional(),
  cert: z.string().optional(),
  key: z.string().optional(),
  client_ca_file: z.string().optional(),
  client_ca: z.string().optional(),
  client_auth_type: clientAuthType.default('NoClientCert'),
  client_allowed_sans: z.array(z.string()).min(1, 'is empty: no client could connect').optional(),
  min_version: tlsVersion.default('TLS12'),
  max_version: tlsVersion.default('TLS13'),
  cipher_suites: z.array(oneOf(Object.keys(CIPHER_SUITES))).default([]),
  prefer_server_cipher_suites: boolean.default(true),
  curve_preferences: z.array(oneOf(Object.keys(CURVES))).default([]),
});

export type ParsedTls = z.output<typeof TLS_KEYS>;

const TLS_SCHEMA = TLS_KEYS.check(({ value: tls, issues }) => {
  const report = (key: keyof ParsedTls | undefined, message: string): void => {
    issues.push({ code: 'custom', message, path: key === undefined ? [] : [key], input: tls });
  };
  for (const key of ['cert', 'key', 'client_ca'] as const) {
    const file = `${key}_file` as const;
    if (tls[key] !== undefined && tls[file] !== undefined)
      report(file, `conflicts with ${key}: keep one of the two`);
    else if (tls[key] === undefined && tls[file] === undefined && key !== 'client_ca') {
      report(undefined, `${file} is missing (or ${key})`);
    }
  }
  const type = tls.client_auth_type;
  const hasAuthority = tls.client_ca !== undefined || tls.client_ca_file !== undefined;
  if (hasAuthority && type === 'NoClientCert') {
    report(
      tls.client_ca === undefined ? 'client_ca_file' : 'client_ca',
      'has no effect: client_auth_type is NoClientCert, which asks for no certificate',
    );
  }
  if (!hasAuthority && (type === 'VerifyClientCertIfGiven' || type === 'RequireAndVerifyClientCert')) {
    report('client_auth_type', `${type} needs client_ca_file (or client_ca)`);
  }
  if (tls.client_allowed_sans !== undefined && !type.startsWith('Require')) {
    report(
      'client_allowed_sans',
      'needs client_auth_type RequireAnyClientCert or RequireAndVerifyClientCert: the others accept clients without a certificate',
    );
  }
  if (tls.min_version === 'TLS13' && tls.max_version === 'TLS12')
    report('max_version', 'is below min_version');
});

const HEADERS_SCHEMA = z.strictObject({
  'Content-Security-Policy': headerValue().optional(),
  'X-Frame-Options': headerValue(['deny', 'sameorigin']).optional(),
  'X-Content-Type-Options': headerValue(['nosniff']).optional(),
  'X-XSS-Protection': headerValue().optional(),
  'Strict-Transport-Security': headerValue().optional(),
});

const HTTP_SCHEMA = z.strictObject({ http2: http2.optional(), headers: HEADERS_SCHEMA.default({}) });

const RATE_LIMIT_SCHEMA = z
  .strictObject({ interval: goDuration.default(0), burst: burst.default(0) })
  .check(({ value: limit, issues }) => {
    if (limit.interval === 0 || limit.burst !== 0) return;
    const message = 'must be at least 1: with 0 every request would be refused';
    issues.push({ code: 'custom', message, path: ['burst'], input: limit });
  });

const USERS_SCHEMA = z
  .record(userName, bcryptHash)
  .refine((users) => Object.keys(users).length > 0, 'has no user: add one, or remove the key');

/** A web configuration file, read with the `failsafe` schema: every scalar in it is text. */
export const SCHEMA = z.strictObject({
  tls_server_config: TLS_SCHEMA.optional(),
  http_server_config: HTTP_SCHEMA.default({ headers: {} }),
  basic_auth_users: USERS_SCHEMA.optional(),
  rate_limit: RATE_LIMIT_SCHEMA.default({ interval: 0, burst: 0 }),
});

/** The keys that are known in each map, by the path of the map. */
export const KNOWN_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(SCHEMA.shape),
  tls_server_config: Object.keys(TLS_SCHEMA.shape),
  http_server_config: Object.keys(HTTP_SCHEMA.shape),
  'http_server_config.headers': Object.keys(HEADERS_SCHEMA.shape),
  rate_limit: Object.keys(RATE_LIMIT_SCHEMA.shape),
};
