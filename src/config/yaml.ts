import {
  type Alias,
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { formatPath, type Path } from './fault.ts';

/** Far more than a configuration needs where each organisation shares its endpoints by an alias. */
const MAXIMUM_ALIASES = 100_000;

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
  const lineAt = (offset: number | undefined): number => Math.max(1, lines.linePos(offset ?? 0).line);
  const document = parseDocument(text, {
    lineCounter: lines,
    logLevel: 'silent',
    prettyErrors: false,
    resolveKnownTags: false,
    // The library's own check compares each key with all others, which takes hours for a million of them.
    uniqueKeys: false,
  });
  const broken = [...document.errors, ...document.warnings].map((error) => ({
    line: lineAt(error.pos[0]),
    message: explain(error),
  }));
  if (document.errors.length > 0) return notUnderstood(broken);
  const index = new NodeIndex(document, lineAt);
  if (index.brokenAliases.length > 0) return notUnderstood([...broken, ...index.brokenAliases]);
  return {
    value: document.toJS({ maxAliasCount: MAXIMUM_ALIASES }),
    understood: true,
    faults: [...broken, ...index.badKeys],
    lineOf: (path) => lineAt(index.offsetOf(path)),
  };
}

function notUnderstood(faults: readonly LineFault[]): YamlReading {
  return { value: undefined, understood: false, faults, lineOf: () => 1 };
}

/** Finds nodes by path, and what is wrong with keys and aliases; made in one walk over the document. */
class NodeIndex {
  readonly badKeys: LineFault[] = [];
  readonly brokenAliases: LineFault[] = [];
  readonly #document: Document;
  readonly #entries = new Map<YAMLMap, Map<string, { readonly key: Node; readonly value: unknown }>>();
  readonly #targets = new Map<Alias, Node>();

  constructor(document: Document, lineAt: (offset: number | undefined) => number) {
    this.#document = document;
    const anchors = new Map<string, Node>();
    visit(document, {
      Node: (_, node, ancestors) => {
        if (isAlias(node)) {
          const target = anchors.get(node.source);
          if (target !== undefined) this.#targets.set(node, target);
          else this.brokenAliases.push({ line: lineAt(startOf(node)), message: BROKEN_ALIAS });
          return;
        }
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
        if (isMap(node)) this.#addMap(node, () => pathTo([...ancestors, node]), lineAt);
      },
    });
  }

  offsetOf(path: Path): number | undefined {
    let node: unknown = this.#document.contents;
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

  #addMap(map: YAMLMap, path: () => Path, lineAt: (offset: number | undefined) => number): void {
    const entries = new Map<string, { readonly key: Node; readonly value: unknown }>();
    for (const { key, value } of map.items) {
      if (!isScalar(key)) {
        const message = prefixed(path(), 'has a key that is no plain text');
        this.badKeys.push({ line: lineAt(startOf(key)), message });
        continue;
      }
      const name = String(key.value);
      if (entries.has(name)) {
        const message = prefixed([...path(), name], 'is given twice: keep one of the two');
        this.badKeys.push({ line: lineAt(startOf(key)), message });
      } else entries.set(name, { key, value });
    }
    this.#entries.set(map, entries);
  }
}

function prefixed(path: Path, message: string): string {
  return path.length === 0 ? message : `${formatPath(path)}: ${message}`;
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}

/** The path of the last of these nodes, each of which holds the next. */
function pathTo(nodes: readonly unknown[]): Path {
  return nodes.flatMap((node, depth): Path => {
    if (isPair(node)) return isScalar(node.key) ? [String(node.key.value)] : [];
    return isSeq(node) ? [node.items.indexOf(nodes[depth + 1])] : [];
  });
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
