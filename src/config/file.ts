import { dirname, isAbsolute, join } from 'node:path';
import { readTextFile } from '../read-file.ts';
import type { Configuration } from './configuration.ts';
import { formatFault, formatPath } from './fault.ts';
import { type Source, type Validation, validate } from './validate.ts';

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
  | {
      readonly kind: 'faults';
      readonly faults: readonly string[];
      /** Those that are named in spite of the faults. */
      readonly secretFiles: readonly SecretFile[];
    };

/** Reads a configuration file. Paths in it are relative to the folder that it stands in. It never throws. */
export async function loadFile(path: string): Promise<Loaded> {
  let text: string;
  try {
    text = await readTextFile(path, MAXIMUM_BYTES);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    return { kind: 'faults', faults: [`${path}:1: configuration file: ${why}`], secretFiles: [] };
  }
  return parseFile(path, text);
}

/** As {@link loadFile}, with the text of the file at hand. */
export async function parseFile(path: string, text: string): Promise<Loaded> {
  // Only a start with a file pays for loading the parser.
  const { readYaml } = await import('./yaml.ts');
  const { value, understood, faults: broken, lineOf } = readYaml(text);
  const validation = understood ? validate(value, sourceAt(path)) : NOT_UNDERSTOOD;
  const secretFiles = validation.secretFiles.map(({ at, ...file }) => ({
    ...file,
    where: `${path}:${lineOf(at)}: ${formatPath(at)}`,
  }));
  if (validation.kind === 'configuration' && broken.length === 0) {
    return { kind: 'configuration', configuration: validation.configuration, secretFiles };
  }
  const faults = validation.kind === 'faults' ? validation.faults : [];
  const lines = [
    ...broken,
    ...faults.map((fault) => ({ line: lineOf(fault.path), message: formatFault(fault) })),
  ].sort((one, other) => one.line - other.line);
  const texts = lines.map(({ line, message }) => `${path}:${line}: ${message}`);
  return { kind: 'faults', faults: [...new Set(texts)], secretFiles };
}

const NOT_UNDERSTOOD: Validation = { kind: 'faults', faults: [], secretFiles: [] };

function sourceAt(path: string): Source {
  const folder = dirname(path);
  return { spell: (key) => key, locate: (file) => (isAbsolute(file) ? file : join(folder, file)) };
}
