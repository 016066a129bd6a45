import { dirname } from 'node:path';
import { readSecret } from '../dingtalk/secret.ts';
import { readTextFile } from '../read-file.ts';
import type { Configuration } from './configuration.ts';
import { SECRET_FILE_KEYS } from './credentials.ts';
import {
  type Environment,
  formatFaultOfEnvironment,
  misspeltVariables,
  readEnvironment,
  variablesThatAreSet,
} from './environment.ts';
import { ConfigurationError, type Fault, formatFault } from './fault.ts';
import type { Flags } from './flags.ts';
import { isMap, organizationsIn } from './schema.ts';
import { belongsToShard, type Shard } from './shard.ts';
import { faultOfRateLimit, locate, validate } from './validate.ts';
import { filePath } from './values.ts';
import { readYaml } from './yaml.ts';

const MAXIMUM_BYTES = 16 * 1024 * 1024;

/** Milliseconds for a pipe to deliver the configuration file. */
const PIPE_TIMEOUT = 10_000;

/** A configuration that was validated whole. */
export interface LoadedConfiguration {
  /** With the organizations of this shard, which may be none. */
  readonly configuration: Configuration;
  /** For the log: secret files that cannot be read, misspelt variables. */
  readonly warnings: readonly string[];
}

/** The result of `--config.check`. */
export interface CheckedConfiguration {
  /** Those of secret files included; empty where the configuration is valid. */
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
  /** One line for a valid configuration: its source and the number of its organizations. */
  readonly summary: string;
}

type LoadFlags = Pick<Flags, 'configFile' | 'shard'>;

/**
 * Reads the configuration from its one source: the file where one is given, else the environment.
 *
 * @throws ConfigurationError with every fault
 */
export async function loadConfiguration(
  flags: LoadFlags,
  environment: Environment,
): Promise<LoadedConfiguration> {
  const { configuration, faults, unreadable, misspelt } = await inspect(flags, environment);
  if (configuration === undefined || faults.length > 0) throw new ConfigurationError(textsOf(faults));
  return { configuration, warnings: [...misspelt, ...textsOf(unreadable)] };
}

/** Like {@link loadConfiguration}, but does not throw, and unreadable secret files are faults. */
export async function checkConfiguration(
  flags: LoadFlags,
  environment: Environment,
): Promise<CheckedConfiguration> {
  const { source, configuration, faults, unreadable, misspelt } = await inspect(flags, environment);
  const count = configuration?.organizations.length ?? 0;
  const part = flags.shard === undefined ? '' : ` in shard ${flags.shard.index}/${flags.shard.count}`;
  const organizations = `${count} ${count === 1 ? 'organization' : 'organizations'}${part}`;
  return {
    faults: textsOf([...faults, ...unreadable]),
    warnings: misspelt,
    summary: `${source}: the configuration is valid, ${organizations}`,
  };
}

/** The configuration with the organizations of the shard alone; without a shard all of them. */
export function ofShard(configuration: Configuration, shard: Shard | undefined): Configuration {
  if (shard === undefined) return configuration;
  const organizations = configuration.organizations.filter(({ name }) => belongsToShard(name, shard));
  return { ...configuration, organizations };
}

/** A fault as one line of text, and the line of the file by which it is sorted. */
interface FaultText {
  readonly line: number;
  readonly text: string;
}

/** A configuration before it is validated. */
interface Source {
  readonly name: string;
  /** The folder of relative paths. */
  readonly folder: string;
  /** Undefined where there is nothing to validate. */
  readonly value: unknown;
  /** Faults of the source itself. */
  readonly faults: readonly FaultText[];
  readonly describe: (fault: Fault) => FaultText;
}

async function inspect({ configFile, shard }: LoadFlags, environment: Environment) {
  const misspelt = misspeltVariables(environment);
  const source =
    configFile === undefined ? sourceOfEnvironment(environment) : await sourceOfFile(configFile, environment);
  const validation = source.value === undefined ? { faults: [] } : validate(source.value, source.folder);
  const configuration = validation.configuration && ofShard(validation.configuration, shard);
  const tooFast = configuration && faultOfRateLimit(configuration);
  const found = tooFast === undefined ? validation.faults : [tooFast];
  const faults = [...source.faults, ...found.map(source.describe)];
  // A misspelt variable is often why another one is missing.
  if (configFile === undefined && faults.length > 0)
    faults.push(...misspelt.map((text) => ({ line: 0, text })));
  const unreadable = (await faultsOfSecretFiles(source, shard)).map(source.describe);
  return { source: source.name, configuration, faults, unreadable, misspelt };
}

function textsOf(faults: readonly FaultText[]): string[] {
  const sorted = faults.toSorted((one, other) => one.line - other.line);
  return [...new Set(sorted.map(({ text }) => text))];
}

function sourceOfEnvironment(environment: Environment): Source {
  return {
    name: 'the environment',
    folder: '',
    value: readEnvironment(environment),
    faults: [],
    describe: (fault) => ({ line: 0, text: formatFaultOfEnvironment(fault) }),
  };
}

async function sourceOfFile(path: string, environment: Environment): Promise<Source> {
  const at = (line: number, message: string): FaultText => ({ line, text: `${path}:${line}: ${message}` });
  const variables = variablesThatAreSet(environment).join(', ');
  const conflict = `${variables}: set together with --config.file=${path}: use one source of configuration`;
  const faults = variables === '' ? [] : [{ line: 0, text: conflict }];
  const source = { name: path, folder: dirname(path) };
  let text: string;
  try {
    text = await readTextFile(path, MAXIMUM_BYTES, { pipeTimeout: PIPE_TIMEOUT });
  } catch (error) {
    faults.push(at(1, `configuration file: ${error instanceof Error ? error.message : String(error)}`));
    return { ...source, value: undefined, faults, describe: (fault) => at(1, formatFault(fault)) };
  }
  const { value, faults: broken, lineOf } = readYaml(text);
  faults.push(...broken.map(({ line, message }) => at(line, message)));
  return { ...source, value, faults, describe: (fault) => at(lineOf(fault.path), formatFault(fault)) };
}

/** Tries to read every secret file, also in a configuration with other faults. */
async function faultsOfSecretFiles({ value, folder }: Source, shard: Shard | undefined): Promise<Fault[]> {
  const organizations = isMap(value) ? organizationsIn(value) : [];
  const checks = organizations.flatMap((organization, index) => {
    const { name } = organization;
    if (shard !== undefined && typeof name === 'string' && !belongsToShard(name, shard)) return [];
    return SECRET_FILE_KEYS.map(async (key): Promise<Fault[]> => {
      // An invalid path is reported by the validation.
      const { data: path } = filePath.safeParse(organization[key]);
      if (path === undefined) return [];
      try {
        await readSecret({ kind: 'file', path: locate(path, folder) });
        return [];
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return [{ path: ['organizations', index, key], message }];
      }
    });
  });
  return (await Promise.all(checks)).flat();
}
