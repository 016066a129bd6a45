import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../src/config/load.ts';
import { belongsToShard } from '../../src/config/shard.ts';

const APP = { DINGTALK_CLIENT_ID: 'dingabc', DINGTALK_CLIENT_SECRET: 'hush' };

describe('loadConfiguration', () => {
  let folder: string;
  let file: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'load-'));
    file = join(folder, 'exporter.yml');
    const organizations = Array.from(
      { length: 40 },
      (_, index) => `  - {name: org${index}, client_id: a, client_secret_file: secret${index}}`,
    );
    writeFileSync(file, `organizations:\n${organizations.join('\n')}\n`);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  async function load(flags: Partial<Parameters<typeof loadConfiguration>[0]>, environment = {}) {
    return loadConfiguration({ configFile: undefined, shard: undefined, ...flags }, environment);
  }

  async function namesOf(flags: Parameters<typeof load>[0], environment = {}): Promise<string[]> {
    const loaded = await load(flags, environment);
    if (loaded.kind === 'faults') throw new Error(loaded.faults.join('\n'));
    const names = loaded.configuration.organizations.map(({ name }) => name);
    expect([...new Set(loaded.secretFiles.map(({ organization }) => organization))]).toEqual(
      flags.configFile === undefined ? [] : names,
    );
    return names;
  }

  it('reads the file where one is given, else the environment', async () => {
    expect(await namesOf({ configFile: file })).toHaveLength(40);
    expect(await namesOf({}, APP)).toEqual(['default']);
  });

  it('refuses two sources, and tells the faults of the file along with it', async () => {
    const environment = { ...APP, DINGTALK_REGION: 'china', DINGTALK_CLIENTID: 'left alone' };
    const conflict = `DINGTALK_CLIENT_ID, DINGTALK_CLIENT_SECRET, DINGTALK_REGION: set beside --config.file=${file}: keep one source, not two`;
    expect(await load({ configFile: file }, environment)).toMatchObject({
      kind: 'faults',
      faults: [conflict],
    });
    const broken = join(folder, 'broken.yml');
    writeFileSync(broken, 'organizations: []\n');
    expect(await load({ configFile: broken }, { DINGTALK_ACCESS_TOKEN: 'hush' })).toMatchObject({
      kind: 'faults',
      faults: [
        `DINGTALK_ACCESS_TOKEN: set beside --config.file=${broken}: keep one source, not two`,
        `${broken}:1: organizations: is empty: at least one organization is needed`,
      ],
    });
  });

  it('does not mind flags and empty variables in the environment of a file', async () => {
    const environment = { DINGTALK_EXPORTER_CONFIG_FILE: file, DINGTALK_CLIENT_ID: '', DINGTALK_PORT: '80' };
    expect(await namesOf({ configFile: file }, environment)).toHaveLength(40);
  });

  it('keeps the organizations of the shard: together the shards have each once, in the order of the file', async () => {
    const all = await namesOf({ configFile: file });
    const shards = [0, 1, 2].map((index) => ({ index, count: 3 }));
    const parts = await Promise.all(shards.map((shard) => namesOf({ configFile: file, shard })));
    for (const [index, part] of parts.entries()) {
      expect(part).toEqual(all.filter((name) => belongsToShard(name, { index, count: 3 })));
    }
    expect(parts.flat().sort()).toEqual([...all].sort());
  });

  it('does not mind a shard without organizations', async () => {
    const shards = [0, 1, 2].map((index) => ({ index, count: 3 }));
    const parts = await Promise.all(shards.map((shard) => namesOf({ shard }, APP)));
    expect(parts.map((part) => part.length).sort()).toEqual([0, 0, 1]);
  });

  it('validates all organizations, also those of other shards', async () => {
    const path = join(folder, 'bad.yml');
    writeFileSync(path, 'organizations:\n  - {name: acme}\n  - {name: b, access_token: c}\n');
    for (const index of [0, 1]) {
      expect(await load({ configFile: path, shard: { index, count: 2 } })).toMatchObject({
        kind: 'faults',
        faults: [
          `${path}:2: organizations[0]: has no credentials: give client_id and client_secret or client_secret_file, or access_token_file`,
        ],
      });
    }
  });

  it('reads 10,000 organizations', async () => {
    const path = join(folder, 'many.yml');
    const organizations = Array.from(
      { length: 10_000 },
      (_, index) => `  - name: "org ${index}"\n    client_id: a\n    client_secret: b\n`,
    );
    writeFileSync(path, `organizations:\n${organizations.join('')}`);
    expect(
      new Set(
        await load({ configFile: path }).then((loaded) =>
          loaded.kind === 'configuration' ? loaded.configuration.organizations.map(({ name }) => name) : [],
        ),
      ).size,
    ).toBe(10_000);
  });
});
