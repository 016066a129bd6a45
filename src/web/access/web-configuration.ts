import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { core } from 'zod/mini';
import { type Fault, formatPath, type Path } from '../../config/fault.ts';
import { nearest } from '../../config/nearest.ts';
import { foundInWords, meantInWords } from '../../config/type-words.ts';
import { readYaml } from '../../config/yaml.ts';
import { readTextFile } from '../../read-file.ts';
import { buildTls, faultsBetweenTlsKeys, type TlsConfiguration, type TlsTexts } from './tls.ts';
import { asToolkitReads } from './toolkit-yaml.ts';
import {
  knownKeysAt,
  type ParsedTls,
  type ParsedWebConfiguration,
  SCHEMA,
} from './web-configuration-schema.ts';

const MAXIMUM_BYTES = 1_048_576;

/** A web configuration that was validated whole, with its certificates and keys read. */
export interface WebConfiguration {
  /** Undefined means plain HTTP. */
  readonly tls: TlsConfiguration | undefined;
  /** Headers that every answer gets. */
  readonly headers: ReadonlyMap<string, string>;
  /** The bcrypt hash of each user's password; empty means that no password is asked. */
  readonly users: ReadonlyMap<string, string>;
  /** A token bucket for all requests but the health checks: one token each `interval` (ms), `burst` at most. */
  readonly rateLimit: { readonly interval: number; readonly burst: number } | undefined;
}

/** A web configuration that cannot be used. */
export class WebConfigurationError extends Error {
  /** Every fault as `file:line: path: what is wrong`; never with a secret in it. */
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'WebConfigurationError';
    this.faults = faults;
  }
}

/** What the files said, and in which state each of them was found, just before it was read. */
export interface WebConfigurationReading {
  readonly configuration: WebConfiguration | undefined;
  /** Empty where there is a configuration. */
  readonly faults: readonly string[];
  readonly stamps: ReadonlyMap<string, string>;
  /** Tells one content of all the files from another one, without any of it. */
  readonly digest: string;
}

/**
 * Reads a web configuration file and all files that it names. Paths in it are relative to its folder.
 *
 * @throws {WebConfigurationError} with every fault that was found
 */
export async function loadWebConfiguration(path: string): Promise<WebConfiguration> {
  const { configuration, faults } = await readWebConfiguration(path);
  if (configuration === undefined) throw new WebConfigurationError(faults);
  return configuration;
}

/** As {@link loadWebConfiguration}, but for faults as a value, and with what a later change is told by. */
export async function readWebConfiguration(path: string): Promise<WebConfigurationReading> {
  const stamps = new Map<string, string>();
  const hash = createHash('sha256');
  const read = async (file: string): Promise<string> => {
    stamps.set(file, await stampOf(file));
    try {
      const text = await readTextFile(file, MAXIMUM_BYTES);
      hash.update(JSON.stringify([file, text]));
      return text;
    } catch (error) {
      hash.update(JSON.stringify([file, 'unusable', messageOf(error)]));
      throw error;
    }
  };
  const { configuration, faults } = await readAndBuild(path, read);
  return { configuration, faults, stamps, digest: hash.digest('base64') };
}

async function readAndBuild(
  path: string,
  read: (file: string) => Promise<string>,
): Promise<Pick<WebConfigurationReading, 'configuration' | 'faults'>> {
  let text: string;
  try {
    text = await read(path);
  } catch (error) {
    return { configuration: undefined, faults: [`${path}:1: web configuration file: ${messageOf(error)}`] };
  }
  const { value, understood, faults: broken, lineOf } = readYaml(text);
  const lines = broken.map(({ line, message }) => ({ line, text: `${path}:${line}: ${message}` }));
  const faults: Fault[] = [];
  let configuration: WebConfiguration | undefined;
  if (understood) configuration = await build(asToolkitReads(value, text), dirname(path), read, faults);
  for (const { path: at, message } of faults) {
    const line = lineOf(at);
    const key = formatPath(at);
    lines.push({ line, text: `${path}:${line}: ${key === '' ? message : `${key}: ${message}`}` });
  }
  lines.sort((one, other) => one.line - other.line);
  return {
    configuration: lines.length === 0 ? configuration : undefined,
    faults: lines.map((line) => line.text),
  };
}

/** Tells a file's states apart without reading it; a file that is not there has a state too. */
export async function stampOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  }
}

async function build(
  value: unknown,
  folder: string,
  read: (file: string) => Promise<string>,
  faults: Fault[],
): Promise<WebConfiguration | undefined> {
  if (value === null) {
    // A file that is just being written is empty too: taking it for "no password" would open every door.
    faults.push({ path: [], message: 'is empty: write {} where nothing is to be configured' });
    return undefined;
  }
  if (hasUserThatZodSkips(value)) {
    const message = 'is no user name that is accepted: choose another';
    faults.push({ path: ['basic_auth_users', '__proto__'], message });
  }
  const parsed = SCHEMA.safeParse(value, { error: describeIssue });
  if (!parsed.success) {
    faults.push(...parsed.error.issues.flatMap(faultsOfIssue));
    return undefined;
  }
  const { tls_server_config: tls, basic_auth_users: users, http_server_config: http } = parsed.data;
  const between = [
    ...(tls === undefined ? [] : faultsBetweenTlsKeys(tls)),
    ...faultsOfRateLimit(parsed.data),
  ];
  faults.push(...between);
  const built = tls === undefined ? undefined : await readTls(tls, folder, read, faults);
  if (faults.length > 0) return undefined;
  const headers = Object.entries(http.headers).filter(
    (header): header is [string, string] => header[1] !== undefined && header[1] !== '',
  );
  const { interval, burst } = parsed.data.rate_limit;
  return {
    tls: built,
    headers: new Map(headers),
    users: new Map(Object.entries(users)),
    rateLimit: interval === 0 ? undefined : { interval, burst },
  };
}

/** A record of zod leaves this one key out without a word: a user who is there, and cannot log in. */
function hasUserThatZodSkips(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('basic_auth_users' in value)) return false;
  const users = value.basic_auth_users;
  return typeof users === 'object' && users !== null && Object.hasOwn(users, '__proto__');
}

function faultsOfRateLimit({ rate_limit: { interval, burst } }: ParsedWebConfiguration): Fault[] {
  if (interval === 0 || burst > 0) return [];
  return [{ path: ['rate_limit', 'burst'], message: 'must be at least 1: with 0 no request would pass' }];
}

async function readTls(
  tls: ParsedTls,
  folder: string,
  read: (file: string) => Promise<string>,
  faults: Fault[],
): Promise<TlsConfiguration | undefined> {
  const text = async (key: keyof TlsTexts): Promise<string | undefined> => {
    const file = tls[`${key}_file`];
    if (file === undefined) return tls[key];
    try {
      return await read(resolve(folder, file));
    } catch (error) {
      faults.push({ path: ['tls_server_config', `${key}_file`], message: messageOf(error) });
      return undefined;
    }
  };
  const texts = { cert: await text('cert'), key: await text('key'), client_ca: await text('client_ca') };
  return buildTls(tls, texts, faults);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describeIssue(issue: core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${foundInstead(issue.input)}, but ${meantInWords(issue.expected)} is meant`;
    case 'invalid_union':
      return `${foundInstead(issue.input)}, but a duration is meant, such as 1s`;
    case 'too_small':
      return 'is empty: nobody could connect';
    default:
      return `is invalid (${issue.code})`;
  }
}

function foundInstead(input: unknown): string {
  return input === null || input === undefined ? 'has no value' : `is ${foundInWords(input)}`;
}

function faultsOfIssue(issue: core.$ZodIssue): Fault[] {
  const path: Path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ path, message }));
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  const known = knownKeysAt(path) ?? [];
  return issue.keys.map((key) => {
    const near = nearest(key, known);
    const hint = near === undefined ? ` (known here: ${known.join(', ')})` : `: did you mean ${near}?`;
    return { path: [...path, key], message: `unknown key${hint}` };
  });
}
