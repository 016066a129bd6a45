import { afterAll } from 'vitest';
import type { Configuration } from '../../src/config/configuration.ts';
import type { Environment } from '../../src/config/environment.ts';
import { ConfigurationError } from '../../src/config/fault.ts';
import type { Flags } from '../../src/config/flags.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { Folder } from '../support/program.ts';

/** A folder for the configuration files of a test file; it is removed at its end. */
export function temporaryFolder(): Folder {
  const folder = new Folder();
  afterAll(() => folder.remove());
  return folder;
}

/** A file with one organization, and these lines from line 3 on. */
export function around(lines: string): string {
  return `organizations:\n  - {name: acme, client_id: dingabc, client_secret: hush}\n${lines}\n`;
}

/** A file with one organization that has a name, and these keys from line 3 on. */
export function organization(keys: string): string {
  return `organizations:\n  - name: acme\n${keys.replaceAll(/^/gm, '    ')}\n`;
}

export const LOGIN = 'client_id: dingabc\nclient_secret: hush';

/** Either the configuration, or every fault. */
export interface Outcome {
  readonly configuration?: Configuration;
  readonly warnings: readonly string[];
  readonly faults: readonly string[];
}

export async function load(flags: Partial<Flags>, environment: Environment = {}): Promise<Outcome> {
  try {
    const loaded = await loadConfiguration(
      { configFile: undefined, shard: undefined, ...flags },
      environment,
    );
    return { ...loaded, faults: [] };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { faults: error.faults, warnings: [] };
  }
}

/** Loads a text from a file, whose name is removed from the faults. */
export async function loadText(folder: Folder, text: string): Promise<Outcome> {
  const path = folder.write('x.yml', text);
  const { faults, ...rest } = await load({ configFile: path });
  return { ...rest, faults: faults.map((fault) => fault.replace(`${path}:`, '')) };
}

/** Returns the configuration, or throws an error with the faults. */
export function configurationIn({ configuration, faults }: Outcome): Configuration {
  if (configuration === undefined) throw new Error(faults.join('\n'));
  return configuration;
}

/** Where each fault is: line and path, without what is wrong. */
export function placesIn({ faults }: Outcome): (string | undefined)[] {
  return faults.map((fault) => /^\d+: (?:broken YAML|[^ ]+|\["[^"]*"\])(?=: )/u.exec(fault)?.[0]);
}
