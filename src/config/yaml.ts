import { Composer, type CST, type ErrorCode, LineCounter, Parser, type YAMLError } from 'yaml';
import type { Path } from './fault.ts';
import { Converter, startOf } from './yaml-converter.ts';

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

/** A configuration has four levels; some more are left for what is wrong in it. */
const MAXIMUM_DEPTH = 100;

/**
 * Reads one YAML 1.2 document. With the schema `failsafe` every scalar stays the text that was written. No fault shows
 * a value: it may be a secret. It never throws.
 */
export function readYaml(text: string, schema: 'core' | 'failsafe' = 'core'): YamlReading {
  try {
    return read(text, schema);
  } catch (error) {
    // Nothing is known that leads here. The message of a parser may show the text, its name does not.
    const name = error instanceof Error ? error.name : 'an unknown error';
    return notUnderstood([{ line: 1, message: `broken YAML: the parser gave up (${name})` }]);
  }
}

function read(text: string, schema: 'core' | 'failsafe'): YamlReading {
  const lines = new LineCounter();
  const lineAt = (offset: number | undefined): number => Math.max(1, lines.linePos(offset ?? 0).line);
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const tooDeep = offsetOfTooDeep(tokens);
  if (tooDeep !== undefined) {
    const message = `broken YAML: nested deeper than ${MAXIMUM_DEPTH} levels`;
    return notUnderstood([{ line: lineAt(tooDeep), message }]);
  }
  const composer = new Composer({ schema, prettyErrors: false, resolveKnownTags: false, uniqueKeys: false });
  const [document, second] = composer.compose(tokens, true, text.length);
  const errors = document === undefined ? [] : [...document.errors, ...document.warnings];
  const broken = errors.map((error) => ({ line: lineAt(error.pos[0]), message: explain(error) }));
  if (second !== undefined) broken.push({ line: lineAt(second.range[0]), message: SECOND_DOCUMENT });
  if (document === undefined || document.errors.length > 0 || second !== undefined)
    return notUnderstood(broken);
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
 * Where the text is nested deeper than it may be. The library parses without recursion but composes with it, and
 * a stack that overflows there may end the whole process: V8 aborts where it then compiles a regular expression.
 */
function offsetOfTooDeep(tokens: readonly CST.Token[]): number | undefined {
  let level = tokens;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAXIMUM_DEPTH) return level[0]?.offset;
    level = level.flatMap(childrenOf);
  }
  return undefined;
}

function childrenOf(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }) => [key ?? [], value ?? []].flat());
}

const SECOND_DOCUMENT = 'broken YAML: a second document begins here: one is meant';

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
  RESOURCE_EXHAUSTION: 'nested too deeply',
  TAG_RESOLVE_FAILED: 'a value that begins with ! has a tag, and no tags are known: put it in quotes',
  UNEXPECTED_TOKEN: 'something stands where nothing may: look for a missing quote, comma or indentation',
};
