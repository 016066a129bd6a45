import { readSecret } from '../dingtalk/secret.ts';
import type { SecretFile } from './file.ts';

/**
 * Tries to read every file that should hold a secret, and tells what is wrong with each one that cannot be used:
 * faults for `--config.check`, warnings at start. No secret is in them.
 */
export async function checkSecretFiles(files: readonly SecretFile[]): Promise<string[]> {
  const results = await Promise.all(files.map(check));
  return results.filter((fault) => fault !== undefined);
}

async function check({ where, path }: SecretFile): Promise<string | undefined> {
  try {
    await readSecret({ kind: 'file', path });
    return undefined;
  } catch (error) {
    return `${where}: ${error instanceof Error ? error.message : 'cannot be read'}`;
  }
}
