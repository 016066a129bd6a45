import { readSecret } from '../dingtalk/secret.ts';
import type { SecretFile } from './file.ts';

/** How many files are read at once: enough to be quick with thousands, far from any limit on open files. */
const AT_ONCE = 64;

/**
 * Tries to read every file that should hold a secret, and tells what is wrong with each one that cannot be used:
 * faults for `--config.check`, warnings at start. No secret is in them.
 */
export async function checkSecretFiles(files: readonly SecretFile[]): Promise<string[]> {
  const faults: string[] = [];
  for (let start = 0; start < files.length; start += AT_ONCE) {
    const results = await Promise.all(files.slice(start, start + AT_ONCE).map(check));
    faults.push(...results.filter((fault) => fault !== undefined));
  }
  return faults;
}

async function check({ where, path }: SecretFile): Promise<string | undefined> {
  try {
    await readSecret({ kind: 'file', path });
    return undefined;
  } catch (error) {
    return `${where}: ${error instanceof Error ? error.message : 'cannot be read'}`;
  }
}
