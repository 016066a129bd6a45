import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The path of a program, by the first of its names that is on the PATH. */
function findTool(...names: string[]): string | undefined {
  for (const name of names) {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not in this folder.
      }
    }
  }
  return undefined;
}

/**
 * For tests that need a program of the machine. With `CI=true` a missing one fails the run; elsewhere the
 * tests are skipped with one clear line: `describe.skipIf(tool.missing)`.
 */
export function requireTool(...names: string[]): { readonly missing: boolean; readonly path: string } {
  const path = findTool(...names);
  if (path !== undefined) return { missing: false, path };
  const message = `${names[0]} is not on the PATH`;
  if (process.env['CI'] === 'true') throw new Error(`${message}, and CI=true allows no skipping`);
  process.stderr.write(`skipped: ${message}; install it to run these tests\n`);
  return { missing: true, path: '' };
}

export const promtool = (): ReturnType<typeof requireTool> => requireTool('promtool');
export const prometheus = (): ReturnType<typeof requireTool> => requireTool('prometheus');
export const alertmanager = (): ReturnType<typeof requireTool> =>
  requireTool('prometheus-alertmanager', 'alertmanager');
export const chromium = (): ReturnType<typeof requireTool> =>
  requireTool('chromium', 'chromium-browser', 'google-chrome');
export const openssl = (): ReturnType<typeof requireTool> => requireTool('openssl');
