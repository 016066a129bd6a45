import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  ConfigurationError,
  describeIssue,
  type Fault,
  faultsOfIssue,
  formatFault,
} from '../../config/fault.ts';
import { isMap } from '../../config/schema.ts';
import { readYaml } from '../../config/yaml.ts';
import { KNOWN_KEYS, SCHEMA } from './schema.ts';
import { buildTls, type TlsConfiguration } from './tls.ts';

const MAXIMUM_BYTES = 1_048_576;

/** A web configuration that was validated whole, with its certificates and keys read. */
export interface WebConfiguration {
  /** Undefined means plain HTTP. */
  readonly tls: TlsConfiguration | undefined;
  /** Headers that every response gets. */
  readonly headers: ReadonlyMap<string, string>;
  /** The bcrypt hash of each user's password; undefined turns basic auth off. */
  readonly users: ReadonlyMap<string, string> | undefined;
  /** A token bucket for all requests but the health checks: one token each `interval` (ms), `burst` at most. */
  readonly rateLimit: { readonly interval: number; readonly burst: number } | undefined;
}

/**
 * Reads a web configuration file and the files that it names, whose paths are relative to its folder. Files are read
 * synchronously: they are small, and a change applies to the request or connection that finds it.
 *
 * @param read reads one of the files
 * @throws {ConfigurationError} with every fault
 */
export function loadWebConfiguration(path: string, read = readText): WebConfiguration {
  let text: string;
  try {
    text = read(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError([`${path}:1: web configuration file: ${reason}`]);
  }
  const yaml = readYaml(text, 'failsafe');
  const faults: Fault[] = [];
  const configuration = yaml.understood ? build(yaml.value, dirname(path), read, faults) : undefined;
  const lines = [
    ...yaml.faults,
    ...faults.map((fault) => ({ line: yaml.lineOf(fault.path), message: formatFault(fault) })),
  ].sort((one, other) => one.line - other.line);
  if (configuration === undefined || lines.length > 0) {
    throw new ConfigurationError(lines.map(({ line, message }) => `${path}:${line}: ${message}`));
  }
  return configuration;
}

function build(
  value: unknown,
  folder: string,
  read: (file: string) => string,
  faults: Fault[],
): WebConfiguration | undefined {
  // A file that is being written may be empty: it must not turn basic auth off.
  if (isUnset(value)) {
    faults.push({ path: [], message: 'is empty: write {} to configure nothing' });
    return undefined;
  }
  const parsed = SCHEMA.safeParse(withoutUnset(value), {
    // Without a hint to remove the key, which would turn off what it restricts.
    error: (issue) => (issue.input === null ? 'is empty' : describeIssue(issue)),
  });
  if (!parsed.success) {
    faults.push(
      ...parsed.error.issues.flatMap((issue) =>
        faultsOfIssue(issue, (path) => KNOWN_KEYS[path.join('.')] ?? []),
      ),
    );
    return undefined;
  }
  const {
    tls_server_config: tls,
    basic_auth_users: users,
    http_server_config: http,
    rate_limit,
  } = parsed.data;
  return {
    tls: tls && buildTls(tls, (file) => read(resolve(folder, file)), faults),
    headers: new Map(
      Object.entries(http.headers).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
    ),
    users: users && new Map(Object.entries(users)),
    rateLimit: rate_limit.interval === 0 ? undefined : rate_limit,
  };
}

/** Reads a regular file of at most 1 MiB: anything else could block the process. */
export function readText(file: string): string {
  const stats = statSync(file);
  if (!stats.isFile()) throw new Error(`${file} is not a regular file`);
  if (stats.size > MAXIMUM_BYTES) throw new Error(`${file} is larger than 1 MiB`);
  return readFileSync(file, 'utf8');
}

/** As in the toolkit, which reads YAML 1.1, an empty value or `~` means that a key is not set. */
function isUnset(value: unknown): boolean {
  return value === null || (typeof value === 'string' && /^(?:|~|null|Null|NULL)$/.test(value));
}

/** These restrict access: left empty, they are a fault. */
const NEVER_UNSET: ReadonlySet<string> = new Set(['basic_auth_users', 'client_allowed_sans']);

function withoutUnset(value: unknown): unknown {
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (NEVER_UNSET.has(key)) return [key, isUnset(item) ? null : item];
      return [key, isUnset(item) ? undefined : withoutUnset(item)];
    }),
  );
}
