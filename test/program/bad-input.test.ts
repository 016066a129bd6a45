import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { Folder, Program, run } from '../support/program.ts';

const ORGANIZATION = 'organizations: [{name: acme, client_id: x, client_secret: s3cret-value}]';

/** Each is written to a file; the program must end with 2 and say this, and nothing must have been started. */
const FILES: readonly (readonly [title: string, text: string, said: RegExp])[] = [
  ['an unknown key', `${ORGANIZATION}\nintervall: 30m\n`, /:2: intervall: /u],
  ['broken YAML', 'organizations: [\n', /:\d+: /u],
  ['no YAML at all', '', /organizations/u],
  ['wrong types', `${ORGANIZATION}\npoll: {retries: many}\n`, /:2: poll\.retries: /u],
  [
    'doubled names',
    'organizations:\n  - {name: a, client_id: x, client_secret: y}\n  - {name: a, client_id: z, client_secret: y}\n',
    /:3: organizations\[1\]\.name: /u,
  ],
  [
    'a name with a new line',
    'organizations: [{name: "a\\nb", client_id: x, client_secret: y}]\n',
    /:1: organizations\[0\]\.name: /u,
  ],
  ['an interval of 0', `${ORGANIZATION}\npoll: {interval: 0s}\n`, /:2: poll\.interval: /u],
  [
    'an endpoint with credentials in it',
    `${ORGANIZATION}\nendpoints: {api: "https://me:s3cret-value@gateway.example", oapi: "https://gateway.example"}\n`,
    /:2: endpoints\.api: /u,
  ],
  [
    'two kinds of credentials',
    'organizations: [{name: a, client_id: x, client_secret: y, access_token: z}]\n',
    /:1: organizations\[0\]/u,
  ],
  [
    'an unrendered template beside a secret file',
    '{"organizations":[{"access_token_file":"30s","name":{}}]}',
    /:1: organizations\[0\]\.name: /u,
  ],
  [
    'more calls than the rate limit allows',
    `organizations: [${Array.from({ length: 60 }, (_, index) => `{name: "${index}", access_token: s3cret-value}`)}]\npoll: {interval: 10s, rate_limit: 2}\n`,
    /:2: poll\.rate_limit: 60 organizations need 12 calls a second, rate_limit is 2/u,
  ],
  [
    'a variable instead of a secret',
    'organizations: [{name: a, client_id: x, client_secret: "\x24{SECRET}"}]\n',
    /:1: organizations\[0\]\.client_secret: .*not expanded/u,
  ],
  ['nesting beyond all reason', `${ORGANIZATION}\nregion: ${'['.repeat(20_000)}`, /:2: broken YAML: /u],
];

const GOOD = `${ORGANIZATION}\n`;

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
    const ended = await run([`--config.file=${file}`, '--web.listen-address=127.0.0.1:0']);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(file);
    expect(ended.stderr).toMatch(said);
    expect(ended.stderr).not.toContain('s3cret-value');
    expect(ended.stderr).not.toContain('listening');
    expect(ended.stderr).not.toMatch(/^\s+at /mu);
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

  it.each([
    ['of several lines', 's3cret-value\nmore\n'],
    ['with a NUL', 's3cret-value\0'],
    ['that is empty', ' \n'],
    ['that is missing', undefined],
  ])('a secret file %s is a fault for --config.check', async (_title, text) => {
    const secret = text === undefined ? 'missing' : folder.write('secret', text);
    const file = folder.write('secret.yml', `organizations:\n  - {name: a, access_token_file: ${secret}}\n`);
    const ended = await run([`--config.file=${file}`, '--config.check']);
    expect(ended).toMatchObject({ code: 2, stderr: '' });
    expect(ended.stdout).toMatch(/^\S+secret\.yml:2: organizations\[0\]\.access_token_file: .*\n$/u);
    expect(ended.stdout).not.toContain('s3cret-value');
  });

  it('a valid configuration is told with its file and the number of its organizations', async () => {
    const file = folder.write('good.yml', GOOD);
    const ended = await run([`--config.file=${file}`, '--config.check']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(/^\S*good\.yml: .*\b1 organization\n$/u);
  });

  it('a misspelt variable is a warning, and a fault where it leaves nothing to poll', async () => {
    const environment = { DINGTALK_ACCESS_TOKEN: 's3cret-value', DINGTALK_RATELIMIT: '5' };
    const checked = await run(['--config.check'], environment);
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining('1 organization') });
    expect(checked.stderr).toMatch(/level=warn .*DINGTALK_RATELIMIT.* DINGTALK_RATE_LIMIT\?/u);
    const failed = await run(['--once'], { DINGTALK_ACESS_TOKEN: 's3cret-value' });
    expect(failed.code).toBe(2);
    expect(failed.stderr).toContain('DINGTALK_ACCESS_TOKEN?');
    expect(failed.stderr).not.toContain('s3cret-value');
  });

  describe.concurrent('a configuration file that can be read only once', () => {
    const shell = (command: string, file: string): Promise<string> =>
      new Promise((resolve) => {
        const program = `"${process.execPath}" dist/main.js`;
        const script = command.replace('PROGRAM', program).replaceAll('FILE', `"${file}"`);
        execFile('bash', ['-c', `(${script}) 2>&1; echo "exit code $?"`], (_error, stdout) =>
          resolve(stdout),
        );
      });

    it.each([
      ['standard input', 'cat FILE | PROGRAM --config.file=/dev/stdin --config.check'],
      ['a file as standard input', 'PROGRAM --config.file=/dev/stdin --config.check <FILE'],
      ['a process substitution', 'PROGRAM --config.file=<(cat FILE) --config.check'],
      ['a FIFO', 'mkfifo FILE.fifo; cat FILE >FILE.fifo & PROGRAM --config.file=FILE.fifo --config.check'],
    ])('works as %s', async (title, command) => {
      const said = await shell(command, folder.write(`${title}.yml`, GOOD));
      expect(said).toMatch(/: the configuration is valid, 1 organization\nexit code 0\n$/u);
    });

    it('works as a socket that is standard input', async () => {
      const program = new Program(['--config.file=/dev/stdin', '--config.check']);
      program.process.stdin.end(GOOD);
      expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
    });

    it('has a size limit', async () => {
      const said = await shell('yes "# comment" | PROGRAM --config.file=/dev/stdin --config.check', '');
      expect(said).toMatch(/^\/dev\/stdin:1: .*longer than.*\nexit code 2\n$/u);
    });

    it('has a deadline, after which the process ends', async () => {
      const ended = await run(['--config.file=/dev/stdin', '--config.check']);
      expect(ended.code).toBe(2);
      expect(ended.stdout).toContain('/dev/stdin:1: ');
    });

    it('fails at a reload, and the old configuration stays in use', async () => {
      const endpoints = `endpoints: {api: "${simulator.origin}", oapi: "${simulator.origin}"}\n`;
      const program = new Program([
        '--config.file=/dev/stdin',
        '--web.listen-address=127.0.0.1:0',
        '--web.enable-lifecycle',
      ]);
      program.process.stdin.end(endpoints + GOOD);
      const origin = await program.origin();
      const response = await fetch(`${origin}/-/reload`, { method: 'POST' });
      expect(response.status).toBe(500);
      expect(await response.text()).toContain('only once');
      expect(await (await fetch(`${origin}/metrics`)).text()).toContain('organization="acme"');
      expect((await program.stop()).code).toBe(0);
    });
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
