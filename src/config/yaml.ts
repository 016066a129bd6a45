import {
  Composer,
  type CST,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  visit,
} from 'yaml';
import type { Path } from './fault.ts';

/** A fault at a line, counted from 1. */
export interface LineFault {
  readonly line: number;
  readonly message: string;
}

/** A YAML text that was read. */
export interface YamlReading {
  /** Undefined where the text could not be understood. */
  readonly value: unknown;
  readonly understood: boolean;
  readonly faults: readonly LineFault[];
  /** The line of a key or list item; where there is none, that of the innermost map or list around it. */
  readonly lineOf: (path: Path) => number;
}

/** A configuration has five levels. */
const MAXIMUM_DEPTH = 100;

/**
 * Reads one YAML 1.2 document; with `failsafe`, scalars stay text as they are written. An alias is the same object as
 * its anchor, not a copy, so that nested aliases stay small. No fault shows a value: it may be a secret.
 */
export function readYaml(text: string, schema: 'core' | 'failsafe' = 'core'): YamlReading {
  const lines = new LineCounter();
  const lineAt = (offset: number | undefined): number => Math.max(1, lines.linePos(offset ?? 0).line);
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const tooDeep = offsetOfTooDeep(tokens);
  if (tooDeep !== undefined) {
    const message = `broken YAML: nested deeper than ${MAXIMUM_DEPTH} levels`;
    return {
      value: undefined,
      understood: false,
      faults: [{ line: lineAt(tooDeep), message }],
      lineOf: () => 1,
    };
  }
  const options = {
    schema,
    prettyErrors: false,
    resolveKnownTags: false,
    stringKeys: true,
    logLevel: 'error',
  } as const;
  const [document, second] = new Composer(options).compose(tokens, true, text.length);
  const errors = document === undefined ? [] : [...document.errors, ...document.warnings];
  const faults = errors.map(({ code, pos, message }) => ({
    line: lineAt(pos[0]),
    message: `broken YAML: ${MESSAGES[code] ?? message.charAt(0).toLowerCase() + message.slice(1)}`,
  }));
  let understood = errors.every(({ code }) => RECOVERABLE.has(code));
  const refuse = (offset: number | undefined, message: string): void => {
    faults.push({ line: lineAt(offset), message: `broken YAML: ${message}` });
    understood = false;
  };
  if (second !== undefined) refuse(second.range[0], 'a second document begins here: only one is allowed');
  const anchors = new Set<string>();
  visit(document ?? null, {
    Value(_, { anchor }) {
      if (anchor !== undefined) anchors.add(anchor);
    },
    Alias(_, { source, range }) {
      if (!anchors.has(source)) refuse(range?.[0], UNKNOWN_ANCHOR);
    },
  });
  const value: unknown = understood ? document?.toJS({ maxAliasCount: -1 }) : undefined;
  return { value, understood, faults, lineOf: (path) => lineAt(offsetOf(document?.contents, path)) };
}

/**
 * Where the text is nested deeper than it may be. The library composes by recursion, and V8 ends the whole process
 * when its stack overflows while it compiles a regular expression.
 */
function offsetOfTooDeep(tokens: readonly CST.Token[]): number | undefined {
  let level = tokens;
  for (let depth = 0; depth <= MAXIMUM_DEPTH; depth += 1) level = level.flatMap(childrenOf);
  return level[0]?.offset;
}

function childrenOf(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  return 'items' in token ? token.items.flatMap(({ key, value }) => [key ?? [], value ?? []].flat()) : [];
}

/** Errors that leave a document in which more faults can be found. */
const RECOVERABLE: ReadonlySet<ErrorCode> = new Set(['DUPLICATE_KEY', 'NON_STRING_KEY']);

/** The offset into the text of what is at a path, or of the innermost key or item on the way to it. */
function offsetOf(contents: unknown, path: Path): number | undefined {
  let node = contents;
  let place = contents;
  for (const step of path) {
    if (isMap(node)) {
      const entry = node.items.find(({ key }) => isScalar(key) && key.value === step);
      place = entry?.key ?? place;
      node = entry?.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      place = node ?? place;
    } else break;
  }
  return isScalar(place) || isMap(place) || isSeq(place) || isAlias(place) ? place.range?.[0] : undefined;
}

const UNKNOWN_ANCHOR =
  'a value that begins with * is an alias, and there is no such anchor: put it in quotes';

/** Replacements for messages of the library that quote the text or name its options. */
const MESSAGES: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_ALIAS: 'an anchor or alias has no name, or one that ends in ":"',
  BAD_COLLECTION_TYPE: 'a tag does not fit: put a value that begins with ! in quotes',
  BAD_DIRECTIVE: 'a line that begins with % is a directive, and this one is unknown',
  BAD_DQ_ESCAPE: 'unknown escape in double quotes: use single quotes, or write \\\\ for a backslash',
  DUPLICATE_KEY: 'this key is given twice',
  BAD_SCALAR_START: 'a value begins with a reserved character: put it in quotes',
  NON_STRING_KEY:
    'a key is not plain text: put a value that begins with { in quotes; variables are not expanded in the file',
  TAG_RESOLVE_FAILED: 'a value that begins with ! has a tag, and tags are not supported: put it in quotes',
  UNEXPECTED_TOKEN: 'unexpected text: check for a missing quote, comma or indentation',
};
