import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFile } from '../../src/config/file.ts';
import { checkSecretFiles } from '../../src/config/secret-files.ts';

describe('checkSecretFiles', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'secret-files-'));
    writeFileSync(at('good'), ' hush \n');
    writeFileSync(at('empty'), ' \n');
    writeFileSync(at('long'), 'x'.repeat(64 * 1024 + 1));
    mkdirSync(at('folder'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('tells where each file is named that cannot be used, and why', async () => {
    const files = ['good', 'missing', 'empty', 'folder', 'long'];
    const text = `organizations:\n${files.map((file) => `  - {name: ${file}, access_token_file: ${file}}\n`).join('')}`;
    const loaded = await parseFile(at('x.yml'), text);
    if (loaded.kind === 'faults') throw new Error(loaded.faults.join('\n'));
    const [missing, empty, directory, long] = [1, 2, 3, 4].map(
      (index) =>
        `${at('x.yml')}:${index + 2}: organizations[${index}].access_token_file: secret file ${at(files[index] ?? '')}: `,
    );
    expect(await checkSecretFiles(loaded.secretFiles)).toEqual([
      `${missing}it does not exist`,
      `${empty}it is empty: write the secret into it`,
      `${directory}it is a directory: give the path of a file in it`,
      `${long}it is longer than 64 KiB`,
    ]);
  });

  it('are told beside whatever else is wrong, but for a path that is wrong itself', async () => {
    const text = `poll: {interval: 0s}
organizations:
  - {name: acme, client_id: x, client_secret_file: missing, wrong_key: 1}
  - {name: "", access_token_file: ""}
  - access_token_file: folder
`;
    const loaded = await parseFile(at('x.yml'), text);
    expect(loaded.kind).toBe('faults');
    expect(await checkSecretFiles(loaded.secretFiles)).toEqual([
      `${at('x.yml')}:3: organizations[0].client_secret_file: secret file ${at('missing')}: it does not exist`,
      `${at('x.yml')}:5: organizations[2].access_token_file: secret file ${at('folder')}: it is a directory: give the path of a file in it`,
    ]);
  });

  it('looks at thousands', async () => {
    const files = Array.from({ length: 2_000 }, (_, index) => ({
      organization: `org${index}`,
      path: at(index % 100 === 0 ? 'missing' : 'good'),
      where: `x.yml:${index}`,
    }));
    const faults = await checkSecretFiles(files);
    expect(faults).toHaveLength(20);
    expect(faults[19]).toBe(`x.yml:1900: secret file ${at('missing')}: it does not exist`);
  });
});
