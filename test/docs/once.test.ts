import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { plainError } from '../simulator/replies.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { Folder } from '../support/program.ts';

const SCRIPT = /```sh\n(?<script>#!\/bin\/sh\n[^`]*)```/u.exec(readFileSync('docs/once.md', 'utf8'))
  ?.groups?.['script'];

describe('the script for the textfile collector', () => {
  let simulator: Simulator;
  let folder: Folder;
  beforeEach(async () => {
    simulator = await startSimulator({ clock: systemClock });
    simulator.apps.addInternalApp({ appKey: 'dingacme', appSecret: 'secret', employees: 12, active: 7 });
    folder = new Folder();
    folder.write('collected/dingtalk.prom', 'of an earlier run\n');
    configure('client_id: dingacme');
  });
  afterEach(async () => {
    await simulator.close();
    folder.remove();
  });

  function configure(client: string): void {
    folder.write(
      'exporter.yml',
      `endpoints: {api: "${simulator.origin}", oapi: "${simulator.origin}"}
organizations: [{name: acme, client_secret: secret, ${client}}]
`,
    );
  }

  /** Runs the script with the built program on the PATH. @returns the exit code. */
  async function run(): Promise<number | null> {
    const script = (SCRIPT ?? '').replace('/etc/dingtalk/exporter.yml', join(folder.path, 'exporter.yml'));
    const main = join(process.cwd(), 'dist/main.js');
    const program = `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`;
    chmodSync(folder.write('bin/dingtalk-headcount-exporter', program), 0o755);
    const child = spawn('sh', ['-s', join(folder.path, 'collected/dingtalk.prom')], {
      env: { PATH: `${folder.path}/bin:${process.env['PATH']}` },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.stdin.end(script);
    const [code] = await once(child, 'close');
    return code;
  }

  /** The names and contents of the files in the collector's folder. */
  function collected(): Record<string, string> {
    const path = join(folder.path, 'collected');
    return Object.fromEntries(
      readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'utf8')]),
    );
  }

  it('replaces the file after a success', async () => {
    expect(await run()).toBe(0);
    expect(Object.keys(collected())).toEqual(['dingtalk.prom']);
    expect(collected()['dingtalk.prom']).toMatch(/^dingtalk_employees\{organization="acme"\} 12$/mu);
    expect(collected()['dingtalk.prom']).toMatch(/\n\w+\{.*\} 1\n$/u);
  });

  it('replaces the file after a failed poll, and exits with 1', async () => {
    simulator.script.always('user_count', plainError(60011));
    expect(await run()).toBe(1);
    expect(Object.keys(collected())).toEqual(['dingtalk.prom']);
    expect(collected()['dingtalk.prom']).toMatch(/^dingtalk_up\{organization="acme"\} 0$/mu);
    expect(collected()['dingtalk.prom']).not.toMatch(/^dingtalk_employees\{/mu);
  });

  it.each([
    ['the configuration is wrong', () => configure('colour: blue')],
    ['the disk is full', () => symlinkSync('/dev/full', join(folder.path, 'collected/dingtalk.prom.new'))],
  ])('leaves the file unchanged and exits with 1 if %s', async (_title, prepare) => {
    prepare();
    expect(await run()).toBe(1);
    expect(collected()).toEqual({ 'dingtalk.prom': 'of an earlier run\n' });
  });
});
