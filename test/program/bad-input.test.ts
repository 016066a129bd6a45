import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { Folder, run } from '../support/program.ts';

const ORGANIZATION = 'organizations: [{name: acme, client_id: x, client_secret: s3cret-value}]';

/** Each is written to a file; the program must end with 2 and say this, and nothing must have been started. */
const FILES: readonly (readonly [title: string, text: string, said: RegExp])[] = [
  ['an unknown key', `${ORGANIZATION}\nintervall: 30m\n`, /:2: intervall: /u],
  ['broken YAML', 'organizations: [\n', /:\d+: /u],
  ['no YAML at all', '', /organizations/u],
  ['a list where an object is meant', '- name: acme\n', /:1: /u],
  ['wrong types', `${ORGANIZATION}\npoll: {retries: many}\n`, /:2: poll\.retries: /u],
  [
    'doubled names',
    'organizations:\n  - {name: a, client_id: x, client_secret: y}\n  - {name: a, client_id: z, client_secret: y}\n',
    /:3: organizations\[1\]\.name: /u,
  ],
  ['doubled keys', `${ORGANIZATION}\npoll: {retries: 1, retries: 2}\n`, /:2: /u],
  [
    'a name with a new line',
    'organizations: [{name: "a\\nb", client_id: x, client_secret: y}]\n',
    /:1: organizations\[0\]\.name: /u,
  ],
  [
    'a name of 10,000 characters',
    `organizations: [{name: ${'x'.repeat(10_000)}, client_id: x, client_secret: y}]\n`,
    /128/u,
  ],
  [
    'an empty name',
    'organizations: [{name: "", client_id: x, client_secret: y}]\n',
    /:1: organizations\[0\]\.name: /u,
  ],
  ['an interval of 0', `${ORGANIZATION}\npoll: {interval: 0s}\n`, /:2: poll\.interval: /u],
  ['an interval of 30 days', `${ORGANIZATION}\npoll: {interval: 30d}\n`, /:2: poll\.interval: /u],
  ['a duration without a unit', `${ORGANIZATION}\npoll: {interval: 30}\n`, /:2: poll\.interval: /u],
  [
    'an endpoint with credentials in it',
    `${ORGANIZATION}\nendpoints: {api: "https://me:s3cret-value@gateway.example", oapi: "https://gateway.example"}\n`,
    /:2: endpoints\.api: /u,
  ],
  [
    'an endpoint in plain HTTP',
    `${ORGANIZATION}\nendpoints: {api: "http://gateway.example", oapi: "https://gateway.example"}\n`,
    /:2: endpoints\.api: /u,
  ],
  [
    'two kinds of credentials',
    'organizations: [{name: a, client_id: x, client_secret: y, access_token: z}]\n',
    /:1: organizations\[0\]/u,
  ],
  ['no credentials', 'organizations: [{name: a}]\n', /:1: organizations\[0\]/u],
  ['no organizations', 'organizations: []\n', /:1: organizations: /u],
];

describe('bad input', () => {
  let folder: Folder;
  let simulator: Simulator;
  beforeAll(async () => {
    folder = new Folder();
    simulator = await startSimulator({ clock: systemClock });
  });
  afterAll(async () => {
    folder.remove();
    await simulator.close();
  });

  it.each(FILES)('%s ends with 2 and says where and what', async (_title, text, said) => {
    const file = folder.write('exporter.yml', text);
    const [started, checked] = await Promise.all([
      run([`--config.file=${file}`, '--web.listen-address=127.0.0.1:0']),
      run([`--config.file=${file}`, '--config.check']),
    ]);
    for (const ended of [started, checked]) {
      expect(ended.code).toBe(2);
      const printed = ended.stdout + ended.stderr;
      expect(printed).toContain(file);
      expect(printed).toMatch(said);
      expect(printed).not.toContain('s3cret-value');
      expect(printed).not.toContain('listening');
      expect(printed).not.toMatch(/^\s+at /mu);
    }
    expect(simulator.requests.count()).toBe(0);
  });

  it.each([
    ['a directory', (at: Folder) => at.path, /directory/u],
    ['nothing', (at: Folder) => `${at.path}/missing.yml`, /does not exist/u],
  ])('a configuration file that is %s ends with 2', async (_title, path, said) => {
    const ended = await run([`--config.file=${path(folder)}`]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(said);
  });

  it('faults of flags, environment, configuration and web configuration are told at once', async () => {
    const file = folder.write('all.yml', 'organizations: []\n');
    const web = folder.write('web.yml', 'basic_auth_users: {prometheus: plain}\n');
    const flags = [`--config.file=${file}`, `--web.config.file=${web}`, '--web.listen-address=here'];
    const environment = { HTTPS_PROXY: '::' };
    const [started, checked] = await Promise.all([
      run(flags, environment),
      run([...flags, '--config.check'], environment),
    ]);
    expect(started).toMatchObject({ code: 2, stdout: '' });
    expect(checked).toMatchObject({ code: 2, stderr: '' });
    for (const said of [started.stderr, checked.stdout]) {
      expect(said).toContain(`${file}:1: organizations: `);
      expect(said).toContain(`${web}:1: basic_auth_users.prometheus: `);
      expect(said).toContain('listen address "here"');
      expect(said).toContain('HTTPS_PROXY is not a URL');
    }
  });

  it('a listen address that is none is one also where nothing is served', async () => {
    const ended = await run(['--demo', '--once', '--web.listen-address=here']);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('listen address "here"');
  });

  it('two sources of configuration are an error', async () => {
    const file = folder.write('exporter.yml', ORGANIZATION);
    const ended = await run([`--config.file=${file}`, '--config.check'], { DINGTALK_CLIENT_ID: 'ding' });
    expect(ended.code).toBe(2);
    expect(ended.stdout).toContain('DINGTALK_CLIENT_ID');
  });

  it('a proxy that is no URL ends with 2, without showing it', async () => {
    const ended = await run([], {
      DINGTALK_CLIENT_ID: 'ding',
      DINGTALK_CLIENT_SECRET: 'secret',
      HTTPS_PROXY: 'me:s3cret-value@proxy:port',
    });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('HTTPS_PROXY');
    expect(ended.stderr).not.toContain('s3cret-value');
  });

  it.each([
    ['a missing web configuration file', '--web.config.file=/nowhere/web.yml', /\/nowhere\/web\.yml/u],
    ['a shard that is none', '--shard=3/3', /--shard/u],
    ['a telemetry path that is none', '--web.telemetry-path=metrics', /--web\.telemetry-path/u],
    ['a log level that is none', '--log.level=loud', /--log\.level/u],
    ['a boolean that is none', '--demo=maybe', /--demo/u],
  ])('%s ends with 2', async (_title, flag, said) => {
    const ended = await run([flag], { DINGTALK_CLIENT_ID: 'ding', DINGTALK_CLIENT_SECRET: 'secret' });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(said);
    expect(ended.stderr).not.toContain('listening');
  });
});
