import { loadEnvironment, variablesThatAreSet } from './environment.ts';
import type { Loaded } from './file.ts';
import type { Environment } from './flag-reader.ts';
import type { Flags } from './flags.ts';
import { belongsToShard } from './shard.ts';

/**
 * The configuration from its one source: the file where one is given, else the environment. All of it is validated;
 * only the organisations of this process's shard are kept, which may be none. The demo has a configuration of its
 * own and does not come here. It never throws.
 */
export async function loadConfiguration(
  { configFile, shard }: Pick<Flags, 'configFile' | 'shard'>,
  environment: Environment,
): Promise<Loaded> {
  const loaded = await load(configFile, environment);
  if (loaded.kind === 'faults' || shard === undefined) return loaded;
  const { configuration } = loaded;
  const organizations = configuration.organizations.filter(({ name }) => belongsToShard(name, shard));
  const names = new Set(organizations.map(({ name }) => name));
  return {
    kind: 'configuration',
    configuration: { ...configuration, organizations },
    secretFiles: loaded.secretFiles.filter(({ organization }) => names.has(organization)),
  };
}

async function load(configFile: string | undefined, environment: Environment): Promise<Loaded> {
  if (configFile === undefined) return loadEnvironment(environment);
  const { loadFile } = await import('./file.ts');
  const loaded = await loadFile(configFile);
  const variables = variablesThatAreSet(environment);
  if (variables.length === 0) return loaded;
  const conflict = `${variables.join(', ')}: set beside --config.file=${configFile}: keep one source, not two`;
  return { kind: 'faults', faults: [conflict, ...(loaded.kind === 'faults' ? loaded.faults : [])] };
}
