import { type Document, isAlias, isScalar, parseDocument, type Scalar } from 'yaml';
import { knownKeysAt } from './web-configuration-schema.ts';

type Path = readonly string[];

const MAPS = new Set([
  'tls_server_config',
  'http_server_config',
  'http_server_config.headers',
  'basic_auth_users',
  'rate_limit',
]);

const BOOLEANS = new Set(['http_server_config.http2', 'tls_server_config.prefer_server_cipher_suites']);

const LISTS = new Set([
  'tls_server_config.client_allowed_sans',
  'tls_server_config.cipher_suites',
  'tls_server_config.curve_preferences',
]);

const NUMBERS = new Set(['rate_limit.interval', 'rate_limit.burst']);

/** Who writes one of these means to keep somebody out: with nothing under it, it must not let in everybody. */
const NEVER_UNSET = new Set(['basic_auth_users', 'tls_server_config.client_allowed_sans']);

/** @see https://yaml.org/type/bool.html */
const YES = /^(?:y|Y|yes|Yes|YES|on|On|ON)$/;
const NO = /^(?:n|N|no|No|NO|off|Off|OFF)$/;

/**
 * Makes of a web configuration file, as YAML 1.2 reads it, what the toolkit makes of it, which reads YAML 1.1 into
 * typed fields: a key without a value is no key, `no` is a boolean where one is meant, and where text is meant any
 * scalar is its text, as it is written.
 *
 * @param value what was read of the text, undefined nowhere
 */
export function asToolkitReads(value: unknown, text: string): unknown {
  return new ToolkitReader(text).read(value, []);
}

class ToolkitReader {
  readonly #text: string;
  #document: Document | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  read(value: unknown, path: Path): unknown {
    const place = path.join('.');
    if (path.length === 0 || MAPS.has(place)) return this.#readMap(value, path);
    if (BOOLEANS.has(place)) return this.#readBoolean(value, path);
    if (NUMBERS.has(place)) return this.#readNumber(value, path);
    if (!LISTS.has(place)) return this.#readText(value, path);
    return Array.isArray(value)
      ? value.map((item, index) => this.#readText(item, [...path, `${index}`]))
      : value;
  }

  #readMap(value: unknown, path: Path): unknown {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const known = knownKeysAt(path);
    // Without a prototype, a key called __proto__ is a key like any other.
    const read: Record<string, unknown> = Object.create(null);
    for (const [key, item] of Object.entries(value)) {
      const below = [...path, key];
      const isKnown = known?.includes(key) === true;
      if (isKnown && isUnset(item, below.join('.'))) continue;
      read[key] = isKnown || known === undefined ? this.read(item, below) : item;
    }
    return read;
  }

  #readBoolean(value: unknown, path: Path): unknown {
    if (typeof value !== 'string' || (this.#nodeAt(path)?.type ?? 'PLAIN') !== 'PLAIN') return value;
    return YES.test(value) || (NO.test(value) ? false : value);
  }

  #readNumber(value: unknown, path: Path): unknown {
    if (typeof value !== 'number') return value;
    const written = this.#nodeAt(path)?.source ?? '';
    // Octal in YAML 1.1, decimal in 1.2: as text it is refused.
    return /^[-+]?0\d/.test(written) ? written : value;
  }

  #readText(value: unknown, path: Path): unknown {
    if (typeof value !== 'number' && typeof value !== 'boolean') return value;
    return this.#nodeAt(path)?.source ?? String(value);
  }

  /** The scalar at a path, as it is written; undefined where an alias stands on the way. */
  #nodeAt(path: Path): Scalar | undefined {
    this.#document ??= parseDocument(this.#text, { uniqueKeys: false, logLevel: 'silent' });
    const node = this.#document.getIn(path, true);
    const target = isAlias(node) ? node.resolve(this.#document) : node;
    return isScalar(target) ? target : undefined;
  }
}

function isUnset(value: unknown, place: string): boolean {
  if (place === 'tls_server_config.client_auth_type' && value === '') return true;
  return value === null && !NEVER_UNSET.has(place);
}
