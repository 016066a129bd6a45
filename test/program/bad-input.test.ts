import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { Folder, Program, run } from '../support/program.ts';

const GOOD = 'organizations: [{name: acme, client_id: x, client_secret: s3cret-value}]\n';

let folder: Folder;
beforeAll(() => {
  folder = new Folder();
});
afterAll(() => folder.remove());

describe('bad input', () => {
  it('of flags, environment, configuration and web configuration is reported at once', async () => {
    const file = folder.write(
      'all.yml',
      `${GOOD}intervall: 30m\nendpoints: {api: "https://me:s3cret-value@gateway.example", oapi: "https://a.example"}\n`,
    );
    const web = folder.write('web.yml', 'basic_auth_users: {prometheus: s3cret-value}\n');
    const flags = [`--config.file=${file}`, `--web.config.file=${web}`, '--web.listen-address=here'];
    const environment = { HTTPS_PROXY: 'me:s3cret-value@proxy:port' };
    const [started, checked] = await Promise.all([
      run(flags, environment),
      run([...flags, '--config.check'], environment),
    ]);
    expect(started).toMatchObject({ code: 2, stdout: '' });
    expect(checked).toMatchObject({ code: 2, stderr: '' });
    for (const output of [started.stderr, checked.stdout]) {
      expect(output).toContain(`${file}:2: intervall: `);
      expect(output).toContain(`${file}:3: endpoints.api: `);
      expect(output).toContain(`${web}:1: basic_auth_users.prometheus: `);
      expect(output).toContain('listen address "here"');
      expect(output).toContain('HTTPS_PROXY is not a URL');
      expect(output).not.toContain('s3cret-value');
      expect(output).not.toMatch(/^\s+at /mu);
    }
  });

  it.each([
    ['an unknown flag', ['--demo', '--web.listen-adress=:0'], /--web\.listen-address/u],
    ['an invalid listen address with --once', ['--demo', '--once', '--web.listen-address=here'], /"here"/u],
    ['no organization to poll', [], /DINGTALK_CLIENT_ID.*--demo/su],
  ])('ends the program with 2: %s', async (_title, flags, message) => {
    const ended = await run(flags);
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  });
});

it('--config.check accepts a valid configuration, with warnings on stderr', async () => {
  const environment = { DINGTALK_ACCESS_TOKEN: 's3cret-value', DINGTALK_RATELIMIT: '5' };
  const ended = await run(['--config.check'], environment);
  expect(ended.code).toBe(0);
  expect(ended.stdout).toBe('the environment: the configuration is valid, 1 organization\n');
  expect(ended.stderr).toMatch(/level=warn .*DINGTALK_RATELIMIT.* DINGTALK_RATE_LIMIT\?/u);
});

describe.concurrent('a configuration file that can be read only once', () => {
  it.each([
    ['a pipe', 'cat FILE | PROGRAM --config.file=/dev/stdin --config.check'],
    ['a file', 'PROGRAM --config.file=/dev/stdin --config.check <FILE'],
  ])('may be %s as standard input', async (title, command) => {
    const script = command
      .replace('PROGRAM', `"${process.execPath}" dist/main.js`)
      .replace('FILE', `"${folder.write(`${title}.yml`, GOOD)}"`);
    const output = await new Promise((resolve) => {
      execFile('sh', ['-c', script], (error, stdout) => resolve({ error, stdout }));
    });
    expect(output).toEqual({
      error: null,
      stdout: '/dev/stdin: the configuration is valid, 1 organization\n',
    });
  });

  it('may be a socket as standard input', async () => {
    const program = new Program(['--config.file=/dev/stdin', '--config.check']);
    program.process.stdin.end(GOOD);
    expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('has a deadline, after which the process ends', async () => {
    const ended = await run(['--config.file=/dev/stdin', '--config.check']);
    expect(ended.code).toBe(2);
    expect(ended.stdout).toContain('/dev/stdin:1: ');
  });

  it('is a failure at a reload, and the old configuration stays in effect', async () => {
    const simulator = await startSimulator({ clock: systemClock });
    const flags = ['--web.listen-address=127.0.0.1:0', '--web.enable-lifecycle'];
    const program = new Program(['--config.file=/dev/stdin', ...flags]);
    const endpoints = `endpoints: {api: "${simulator.origin}", oapi: "${simulator.origin}"}\n`;
    program.process.stdin.end(endpoints + GOOD);
    const origin = await program.origin();
    const response = await fetch(`${origin}/-/reload`, { method: 'POST' });
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('only once');
    expect(await (await fetch(`${origin}/metrics`)).text()).toContain('organization="acme"');
    expect((await program.stop()).code).toBe(0);
    await simulator.close();
  });
});
