import type { Configuration } from './configuration.ts';
import { ConfigurationError } from './configuration-error.ts';
import { loadEnvironment, variablesThatAreSet } from './environment.ts';
import type { Loaded } from './file.ts';
import type { Environment } from './flag-reader.ts';
import type { Flags } from './flags.ts';
import { checkSecretFiles } from './secret-files.ts';
import { belongsToShard, type Shard } from './shard.ts';

/** A configuration that was validated whole. */
export interface LoadedConfiguration {
  /** Of this shard. */
  readonly configuration: Configuration;
  /** For the log. */
  readonly warnings: readonly string[];
  /** The file's path, or `the environment`. */
  readonly source: string;
}

type LoadFlags = Pick<Flags, 'configFile' | 'shard'>;

/**
 * The configuration from its one source: the file where one is given, else the environment. All of it is validated;
 * only the organizations of this process's shard are kept, which may be none. The demo has a configuration of its
 * own and does not come here.
 *
 * @throws ConfigurationError with every fault.
 */
export async function loadConfiguration(
  flags: LoadFlags,
  environment: Environment,
): Promise<LoadedConfiguration> {
  const loaded = await loadShard(flags, environment);
  if (loaded.kind === 'faults') throw new ConfigurationError(loaded.faults);
  return {
    configuration: loaded.configuration,
    warnings: await checkSecretFiles(loaded.secretFiles),
    source: flags.configFile ?? 'the environment',
  };
}

/** Every fault, secret files that cannot be read included, and one line that says what was checked. */
export async function checkConfiguration(
  flags: LoadFlags,
  environment: Environment,
): Promise<{ faults: readonly string[]; summary: string }> {
  const loaded = await loadShard(flags, environment);
  const count = loaded.kind === 'configuration' ? loaded.configuration.organizations.length : 0;
  return {
    faults: [
      ...(loaded.kind === 'faults' ? loaded.faults : []),
      ...(await checkSecretFiles(loaded.secretFiles)),
    ],
    summary: `${flags.configFile ?? 'the environment'}: the configuration is valid, organizations: ${count}`,
  };
}

/** It never throws. */
export async function loadShard({ configFile, shard }: LoadFlags, environment: Environment): Promise<Loaded> {
  const loaded = await load(configFile, environment);
  if (shard === undefined) return loaded;
  const secretFiles = loaded.secretFiles.filter(({ organization }) => belongsToShard(organization, shard));
  return loaded.kind === 'faults'
    ? { ...loaded, secretFiles }
    : { ...loaded, secretFiles, configuration: ofShard(loaded.configuration, shard) };
}

/** The configuration with the organizations of the shard alone, which may be none; without a shard all of them. */
export function ofShard(configuration: Configuration, shard: Shard | undefined): Configuration {
  if (shard === undefined) return configuration;
  const organizations = configuration.organizations.filter(({ name }) => belongsToShard(name, shard));
  return { ...configuration, organizations };
}

async function load(configFile: string | undefined, environment: Environment): Promise<Loaded> {
  if (configFile === undefined) return loadEnvironment(environment);
  const { loadFile } = await import('./file.ts');
  const loaded = await loadFile(configFile);
  const variables = variablesThatAreSet(environment);
  if (variables.length === 0) return loaded;
  const conflict = `${variables.join(', ')}: set beside --config.file=${configFile}: keep one source, not two`;
  return {
    kind: 'faults',
    faults: [conflict, ...(loaded.kind === 'faults' ? loaded.faults : [])],
    secretFiles: loaded.secretFiles,
  };
}
