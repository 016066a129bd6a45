import type { Configuration } from './configuration.ts';
import { loadEnvironment, variablesThatAreSet } from './environment.ts';
import type { Loaded } from './file.ts';
import type { Environment } from './flag-reader.ts';
import type { Flags } from './flags.ts';
import { belongsToShard, type Shard } from './shard.ts';

/**
 * The configuration from its one source: the file where one is given, else the environment. All of it is validated;
 * only the organizations of this process's shard are kept, which may be none. The demo has a configuration of its
 * own and does not come here. It never throws.
 */
export async function loadConfiguration(
  { configFile, shard }: Pick<Flags, 'configFile' | 'shard'>,
  environment: Environment,
): Promise<Loaded> {
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
