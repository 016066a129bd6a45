import { describe, expect, it } from 'vitest';
import { checkConfiguration } from '../../src/config/load.ts';
import { belongsToShard } from '../../src/config/shard.ts';
import { configurationIn, load, loadText, organization, placesIn, temporaryFolder } from './support.ts';

const APP = { DINGTALK_CLIENT_ID: 'dingabc', DINGTALK_CLIENT_SECRET: 'hush' };
const folder = temporaryFolder();

const list = (length: number, keys: (index: number) => string): string =>
  Array.from({ length }, (_, index) => `  - {name: org${index}, ${keys(index)}}\n`).join('');

const forty = folder.write('forty.yml', `organizations:\n${list(40, () => 'access_token: a')}`);

describe('loadConfiguration', () => {
  async function namesOf(...source: Parameters<typeof load>): Promise<string[]> {
    return configurationIn(await load(...source)).organizations.map(({ name }) => name);
  }

  it('reads the file if one is given, else the environment', async () => {
    const others = { DINGTALK_EXPORTER_CONFIG_FILE: forty, DINGTALK_CLIENT_ID: '', DINGTALK_PORT: '80' };
    expect(await namesOf({ configFile: forty }, others)).toHaveLength(40);
    expect(await namesOf({}, APP)).toEqual(['default']);
  });

  it('refuses two sources, and reports the faults of the file as well', async () => {
    const path = folder.write('broken.yml', 'organizations: []\n');
    const both = await load({ configFile: path }, { DINGTALK_ACCESS_TOKEN: 'hush' });
    expect(both.faults).toHaveLength(2);
    expect(both.faults[1]).toContain(`${path}:1: organizations: `);
  });

  it('refuses a file of more than 16 MiB', async () => {
    const { faults } = await loadText(folder, '#'.repeat(16 * 1024 * 1024 + 1));
    expect(faults).toEqual(['1: configuration file: it is longer than 16384 KiB']);
  });

  it('returns the organizations of the shard in the order of the file', async () => {
    const all = await namesOf({ configFile: forty });
    const shards = [0, 1, 2].map((index) => ({ index, count: 3 }));
    const parts = await Promise.all(shards.map((shard) => namesOf({ configFile: forty, shard })));
    for (const [index, part] of parts.entries()) {
      expect(part).toEqual(all.filter((name) => belongsToShard(name, { index, count: 3 })));
    }
    expect(parts.flat().sort()).toEqual([...all].sort());
  });

  it('accepts a shard without organizations', async () => {
    const shards = [0, 1, 2].map((index) => ({ index, count: 3 }));
    const parts = await Promise.all(shards.map((shard) => namesOf({ shard }, APP)));
    expect(parts.map((part) => part.length).sort()).toEqual([0, 0, 1]);
  });

  it('validates all organizations, also those of other shards', async () => {
    const path = folder.write(
      'bad.yml',
      'organizations:\n  - {name: acme}\n  - {name: b, access_token: c}\n',
    );
    for (const index of [0, 1]) {
      const { faults } = await load({ configFile: path, shard: { index, count: 2 } });
      expect(faults).toEqual([expect.stringContaining(`${path}:2: organizations[0]: `)]);
    }
  });
});

describe('more calls than rate_limit allows', () => {
  const polls = (interval: string, rateLimit: number): string =>
    `poll: {interval: ${interval}, rate_limit: ${rateLimit}}\n`;
  const app = (index: number): string => `client_id: app${index}, client_secret: b`;

  it.each<[title: string, limits: string, faults: number, length: number, keys: (index: number) => string]>([
    ['as many as allowed', polls('10s', 2), 0, 10, () => 'access_token: a'],
    ['one poll more', polls('10s', 2), 1, 11, () => 'access_token: a'],
    ['one token more', polls('10s', 2), 1, 10, (index) => (index === 0 ? app(0) : 'access_token: a')],
    ['one app for all', polls('1h', 1), 0, 1_799, () => app(0)],
    ['an app each', polls('1h', 1), 1, 1_799, app],
    ['one app in several corporations', polls('1h', 1), 1, 1_799, (index) => `${app(0)}, corp_id: c${index}`],
    ['own poll intervals', polls('1h', 1), 1, 3, () => 'access_token: a, poll_interval: 5s'],
  ])('%s', async (_title, limits, count, length, keys) => {
    const { faults } = await loadText(folder, `${limits}organizations:\n${list(length, keys)}`);
    expect(faults).toHaveLength(count);
  });

  it('are a fault with enough digits to exceed the limit', async () => {
    const { faults } = await loadText(folder, `${polls('10s', 2)}organizations:\n${list(10, app)}`);
    expect(faults[0]).toContain('need 2.00139 calls a second, rate_limit is 2');
  });

  it('are counted over the organizations of the shard', async () => {
    const configFile = folder.write(
      'shard.yml',
      `${polls('10s', 2)}organizations:\n${list(20, () => 'access_token: a')}`,
    );
    expect((await load({ configFile })).faults).toHaveLength(1);
    for (const index of [0, 1, 2]) {
      expect((await load({ configFile, shard: { index, count: 3 } })).faults).toEqual([]);
    }
  });
});

describe('max_staleness below the longest interval is a fault', () => {
  it.each([
    ['interval: 30m, max_staleness: 30m', '', []],
    ['interval: 1m, max_staleness: 5m', ', poll_interval: 6m', ['poll.max_staleness']],
    ['interval: 1h, max_staleness: 5m', ', poll_interval: 5m', []],
    ['interval: x, max_staleness: 5m', ', poll_interval: 6m', ['poll.interval', 'poll.max_staleness']],
  ])('poll: {%s}, organization: {…%s}', async (poll, keys, expected) => {
    const text = `organizations: [{name: acme, access_token: a${keys}}]\npoll: {${poll}}\n`;
    expect(placesIn(await loadText(folder, text))).toEqual(expected.map((place) => `2: ${place}`));
  });
});

describe('checkConfiguration', () => {
  const check = (text: string, shard?: { index: number; count: number }) =>
    checkConfiguration({ configFile: folder.write('check.yml', text), shard }, {});

  it('names the file and the number of organizations', async () => {
    expect(await checkConfiguration({ configFile: forty, shard: undefined }, {})).toEqual({
      faults: [],
      warnings: [],
      summary: `${forty}: the configuration is valid, 40 organizations`,
    });
    const shard = { index: 0, count: 3 };
    const { summary } = await checkConfiguration({ configFile: forty, shard }, {});
    expect(summary).toMatch(/valid, \d+ organizations in shard 0\/3$/u);
    expect((await checkConfiguration({ configFile: undefined, shard: undefined }, APP)).summary).toBe(
      'the environment: the configuration is valid, 1 organization',
    );
  });

  it('reports unusable secret files together with other faults', async () => {
    folder.write('good', ' hush \n');
    folder.write('empty', ' \n');
    const files = ['good', 'missing', 'empty', '.', '""', '"a\\0"'];
    const lines = files.map((file, index) => `  - {name: "${index}", access_token_file: ${file}}\n`).join('');
    const { faults } = await check(
      `organizations:\n${lines}  - {name: {}, client_id: [], app_secret_file: missing}\n`,
    );
    const found = faults.map((fault) => /:(\d+): (\S+):/u.exec(fault)?.slice(1).join(' '));
    expect(found).toEqual([
      ...[1, 2, 3, 4, 5].map((index) => `${index + 2} organizations[${index}].access_token_file`),
      '8 organizations[6].name',
      '8 organizations[6].client_id',
      '8 organizations[6].app_secret_file',
    ]);
  });

  it('ignores the secret files of other shards', async () => {
    const text = `organizations:\n${list(20, () => 'access_token_file: missing')}`;
    const found = await Promise.all([0, 1, 2].map((index) => check(text, { index, count: 3 })));
    expect(found.map(({ faults }) => faults.length)).not.toContain(20);
    expect(found.flatMap(({ faults }) => faults)).toHaveLength(20);
  });

  it('lets the exporter start with an unusable secret file, with a warning', async () => {
    const { warnings } = await loadText(folder, organization('access_token_file: missing'));
    expect(warnings).toEqual([
      expect.stringContaining(':3: organizations[0].access_token_file: secret file '),
    ]);
  });
});
