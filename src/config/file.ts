import { dirname, isAbsolute, join } from 'node:path';
import { readBoundedFile } from '../bounded-file.ts';
import type { Configuration } from './configuration.ts';
import { type Fault, formatPath } from './fault.ts';
import { type Source, validate } from './validate.ts';

const MAXIMUM_BYTES = 64 * 1024 * 1024;

/** A file that holds a secret, and where it is named, as a fault tells it. */
export interface SecretFile {
  readonly organization: string;
  readonly path: string;
  /** `file:line: key`, or the name of an environment variable. */
  readonly where: string;
}

/** A configuration that was validated whole, or every fault as one line of text. */
export type Loaded =
  | {
      readonly kind: 'configuration';
      readonly configuration: Configuration;
      readonly secretFiles: readonly SecretFile[];
    }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

/** Reads a configuration file. Paths in it are relative to the folder that it stands in. It never throws. */
export async function loadFile(path: string): Promise<Loaded> {
  let text: string;
  try {
    text = await readBoundedFile(path, MAXIMUM_BYTES);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    return { kind: 'faults', faults: [`configuration file ${path}: ${why}`] };
  }
  return parseFile(path, text);
}

/** As {@link loadFile}, with the text of the file at hand. */
export async function parseFile(path: string, text: string): Promise<Loaded> {
  // Only a start with a file pays for loading the parser.
  const { readYaml } = await import('./yaml.ts');
  const { value, understood, faults: broken, lineOf } = readYaml(text);
  const lines = broken.map(({ line, message }) => ({ line, text: `${path}:${line}: ${message}` }));
  const where = (at: Fault['path']): string => {
    const key = formatPath(at);
    return `${path}:${lineOf(at)}:${key === '' ? '' : ` ${key}`}`;
  };
  if (understood) {
    const validation = validate(value, sourceAt(path));
    if (validation.kind === 'configuration' && lines.length === 0) {
      const secretFiles = validation.secretFiles.map((file) => ({ ...file, where: where(file.at) }));
      return { kind: 'configuration', configuration: validation.configuration, secretFiles };
    }
    for (const { path: at, message } of validation.kind === 'faults' ? validation.faults : []) {
      const key = formatPath(at);
      const place = `${path}:${lineOf(at)}`;
      lines.push({ line: lineOf(at), text: `${place}: ${key === '' ? message : `${key}: ${message}`}` });
    }
  }
  return {
    kind: 'faults',
    faults: lines.sort((one, other) => one.line - other.line).map((line) => line.text),
  };
}

function sourceAt(path: string): Source {
  const folder = dirname(path);
  return { spell: (key) => key, locate: (file) => (isAbsolute(file) ? file : join(folder, file)) };
}
