import {
  type Alias,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { formatFault, type Path } from './fault.ts';

/** A fault of the YAML itself, at a line that counts from 1. */
export interface LineFault {
  readonly line: number;
  readonly message: string;
}

/** What a YAML text says. */
export interface YamlReading {
  /** Undefined where the text could not be understood at all. */
  readonly value: unknown;
  readonly understood: boolean;
  readonly faults: readonly LineFault[];
  /** The line of a key or list item; where there is none, that of the innermost map or list around it. */
  readonly lineOf: (path: Path) => number;
}

/** Reads one YAML document (1.2, core schema). No fault shows a value: it may be a secret. It never throws. */
export function readYaml(text: string): YamlReading {
  try {
    return read(text);
  } catch {
    // The composer and the resolution of aliases throw on what is nested or repeated beyond all reason.
    return notUnderstood([
      { line: 1, message: 'is nested too deeply, holds itself, or has too many aliases' },
    ]);
  }
}

function read(text: string): YamlReading {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    logLevel: 'silent',
    prettyErrors: false,
    resolveKnownTags: false,
    uniqueKeys: false,
  });
  const lineAt = (offset: number | undefined): number => Math.max(1, lines.linePos(offset ?? 0).line);
  const broken = [...document.errors, ...document.warnings].map((error) => ({
    line: lineAt(error.pos[0]),
    message: explain(error),
  }));
  if (document.errors.length > 0) return notUnderstood(broken);
  const converter = new Converter();
  const value = converter.convert(document.contents, []);
  const faults = converter.faults.map(({ node, message }) => ({ line: lineAt(startOf(node)), message }));
  const lineOf = (path: Path): number => lineAt(converter.offsetOf(document.contents, path));
  return { value, understood: !converter.hasBrokenAlias, faults: [...broken, ...faults], lineOf };
}

function notUnderstood(faults: readonly LineFault[]): YamlReading {
  return { value: undefined, understood: false, faults, lineOf: () => 1 };
}

/**
 * Turns nodes into plain values, and remembers where they stand. The library can do so too, and can tell keys that
 * stand twice, but takes time with the square of the number of aliases and keys: seconds for 10,000 organisations.
 */
class Converter {
  readonly faults: { readonly node: unknown; readonly message: string }[] = [];
  hasBrokenAlias = false;
  readonly #anchors = new Map<string, Node>();
  readonly #targets = new Map<Alias, Node>();
  readonly #values = new Map<Node, unknown>();
  readonly #open = new Set<Node>();
  readonly #entries = new Map<YAMLMap, Map<string, { readonly key: unknown; readonly value: unknown }>>();

  convert(node: unknown, path: Path): unknown {
    if (isAlias(node)) return this.#follow(node);
    if (!(isScalar(node) || isMap(node) || isSeq(node))) return null;
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#keep(node, node.value);
    this.#open.add(node);
    const value = isMap(node)
      ? this.#convertMap(node, path)
      : node.items.map((item, index) => this.convert(item, [...path, index]));
    this.#open.delete(node);
    return this.#keep(node, value);
  }

  /** Where a path leads, as an offset into the text. */
  offsetOf(contents: unknown, path: Path): number | undefined {
    let node = contents;
    let offset = startOf(node);
    for (const step of path) {
      if (isAlias(node)) node = this.#targets.get(node);
      if (isSeq(node) && typeof step === 'number') {
        node = node.items[step];
        offset = startOf(node) ?? offset;
      } else if (isMap(node)) {
        const entry = this.#entries.get(node)?.get(String(step));
        node = entry?.value;
        offset = startOf(entry?.key) ?? offset;
      } else return offset;
    }
    return offset;
  }

  #keep(node: Node, value: unknown): unknown {
    if (node.anchor !== undefined) this.#values.set(node, value);
    return value;
  }

  /** An alias stands for the very value of its anchor, not for a copy: many aliases of aliases stay small. */
  #follow(alias: Alias): unknown {
    const target = this.#anchors.get(alias.source);
    if (target === undefined || this.#open.has(target)) {
      this.hasBrokenAlias = true;
      this.faults.push({ node: alias, message: BROKEN_ALIAS });
      return null;
    }
    this.#targets.set(alias, target);
    return this.#values.get(target);
  }

  #convertMap(map: YAMLMap, path: Path): unknown {
    // Without a prototype, a key called __proto__ is a key like any other.
    const record: Record<string, unknown> = Object.create(null);
    const entries = new Map<string, { readonly key: unknown; readonly value: unknown }>();
    this.#entries.set(map, entries);
    for (const { key, value } of map.items) {
      if (!isScalar(key)) {
        this.faults.push({
          node: key,
          message: formatFault({ path, message: 'has a key that is no plain text' }),
        });
        continue;
      }
      this.convert(key, path);
      const name = String(key.value);
      const place = [...path, name];
      if (entries.has(name)) {
        this.faults.push({
          node: key,
          message: formatFault({ path: place, message: 'is given twice: keep one of the two' }),
        });
      }
      entries.set(name, { key, value });
      record[name] = this.convert(value, place);
    }
    return record;
  }
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}

const BROKEN_ALIAS =
  'broken YAML: a value that begins with * refers to an anchor that is not there: put it in quotes';

/** The library's own words, but where they quote the text: that may be a secret. */
function explain({ code, message }: YAMLError): string {
  return `broken YAML: ${WORDS[code] ?? message.charAt(0).toLowerCase() + message.slice(1)}`;
}

const WORDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_ALIAS: 'an anchor or alias has no name, or one that ends in ":"',
  BAD_COLLECTION_TYPE: 'a tag does not fit: a value that begins with ! must be put in quotes',
  BAD_DIRECTIVE: 'a line that begins with % is a directive, and this one is unknown',
  BAD_DQ_ESCAPE: 'an escape in double quotes is unknown: use single quotes, or write \\\\ for a backslash',
  BAD_SCALAR_START: 'a value begins with a reserved character: put it in quotes',
  MULTIPLE_DOCS: 'a second document begins here: one is meant',
  RESOURCE_EXHAUSTION: 'nested too deeply',
  TAG_RESOLVE_FAILED: 'a value that begins with ! has a tag, and no tags are known: put it in quotes',
  UNEXPECTED_TOKEN: 'something stands where nothing may: look for a missing quote, comma or indentation',
};
