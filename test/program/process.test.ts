import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { Folder, Program } from '../support/program.ts';

const ANY_PORT = '--web.listen-address=127.0.0.1:0';

let simulator: Simulator;
let folder: Folder;
let environment: Record<string, string>;
const programs: Program[] = [];

beforeEach(async () => {
  folder = new Folder();
  simulator = await startSimulator({ clock: systemClock });
  simulator.apps.addInternalApp({
    appKey: 'dingacme',
    appSecret: 'acme-secret',
    employees: 1240,
    active: 1100,
  });
  environment = {
    DINGTALK_CLIENT_ID: 'dingacme',
    DINGTALK_CLIENT_SECRET: 'acme-secret',
    DINGTALK_API_URL: simulator.origin,
    DINGTALK_OAPI_URL: simulator.origin,
  };
});

afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop('SIGKILL');
  await simulator.close();
  folder.remove();
});

function start(args: readonly string[], more: Readonly<Record<string, string>> = {}): Program {
  const program = new Program(args, { ...environment, ...more });
  programs.push(program);
  return program;
}

/** Makes Node run this code right after the program has added a listener for that event of the process. */
const onceListening = (event: string, code: string) => {
  const preload = `process.on('newListener', (event) => { if (event === '${event}') setImmediate(() => { ${code} }) })`;
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(preload)}` };
};

/** Runs a shell command; `$0` is Node and `$1` the program. */
async function shell(line: string): Promise<{ code: number | null; stderr: string }> {
  const child = spawn('sh', ['-c', line, process.execPath, join(process.cwd(), 'dist/main.js')], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stderr = await text(child.stderr);
  return { code: child.exitCode ?? (await once(child, 'close'))[0], stderr };
}

it('logs version, revision and organizations when it starts', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const program = start([ANY_PORT, '--shard=0/1']);
  await program.origin();
  const [first] = program.stderr.split('\n');
  expect(first).toContain(`msg=starting version=${version} revision=`);
  expect(first).toContain(`node=${process.version} organizations=1 shard=0/1`);
});

describe('a failure to write to stdout', () => {
  it.each([
    ['a full device', '"$0" "$1" --help >/dev/full', 'ENOSPC'],
    // A write beyond one block of the file is short.
    ['a file that becomes too large', 'ulimit -f 1; exec "$0" "$1" --once >metrics', 'EFBIG'],
  ])('ends with 1: %s', async (_title, line, reason) => {
    const { code, stderr } = await shell(line);
    expect(stderr).toContain(`cannot write to stdout: ${reason}`);
    expect(code).toBe(1);
  });

  it('ends with 1 if the reader of the metrics has closed the pipe, and is ignored with --help', async () => {
    const [once, help] = [start(['--once']), start(['--help'])];
    for (const program of [once, help]) program.process.stdout.destroy();
    expect(await once.ended).toMatchObject({ code: 1, signal: null });
    expect(once.stderr).toContain('cannot write to stdout: write EPIPE');
    expect(await help.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  });
});

describe('a fault of the process', () => {
  it.each([
    ['an exception', "throw Object.assign(new TypeError('a secret'), { code: 'ODD' })"],
    ['a rejection', "Promise.reject(Object.assign(new TypeError('a secret'), { code: 'ODD' }))"],
  ])('is logged after %s that is not caught, without its message', async (_title, code) => {
    const program = start([ANY_PORT], onceListening('uncaughtException', code));
    expect(await program.ended).toMatchObject({ code: 1, signal: null });
    expect(program.stderr).toMatch(
      /level=error msg="bug in the exporter, please report it" error="TypeError ODD" stack=/u,
    );
    expect(program.stderr).not.toContain('a secret');
  });
});

it('continues if its files are replaced', async () => {
  cpSync('dist', join(folder.path, 'dist'), { recursive: true });
  const main = join(folder.path, 'dist/main.js');
  const program = new Program([ANY_PORT, '--web.enable-lifecycle'], environment, main);
  programs.push(program);
  const origin = await program.origin();
  rmSync(join(folder.path, 'dist'), { recursive: true });
  await program.logged(/first headcount/u);
  expect((await fetch(origin)).status).toBe(200);
  expect((await fetch(`${origin}/-/reload`, { method: 'POST' })).status).toBe(200);
  expect(await program.stop()).toMatchObject({ code: 0 });
  expect(program.stderr).toContain('msg=stopped');
});

it.each(['SIGTERM', 'SIGINT'])(
  'ends at once with 0 at %s while it waits for its configuration',
  async (signal) => {
    const program = start(
      ['--config.file=/dev/stdin'],
      onceListening(signal, `process.kill(process.pid, '${signal}')`),
    );
    expect(await program.ended).toMatchObject({ code: 0, signal: null });
    expect(program.stderr).toContain(`msg="stopped before it served" signal=${signal}`);
  },
);

describe('SIGHUP', () => {
  it('while the program is being loaded does not end it, and reloads when it serves', async () => {
    const program = start([ANY_PORT], onceListening('SIGHUP', "process.kill(process.pid, 'SIGHUP')"));
    await program.logged(/msg="configuration reloaded"/u);
    expect(await program.stop()).toMatchObject({ code: 0 });
  });

  it('is handled before anything else is loaded', () => {
    const [beforeHandler = ''] = readFileSync('dist/main.js', 'utf8').split('SIGHUP');
    expect(beforeHandler).not.toMatch(/\b(?:import|require)\b/u);
  });
});
