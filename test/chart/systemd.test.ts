import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, run } from '../support/program.ts';
import { requireTool } from '../support/tools.ts';

const systemd = requireTool('systemd-analyze');
const UNITS = ['dingtalk-headcount-exporter.service', 'dingtalk-headcount-exporter@.service'];
const pathOf = (unit: string): string => join('deploy/systemd', unit);
const linesOf = (unit: string): string[] => readFileSync(pathOf(unit), 'utf8').split('\n');

const folder = new Folder();
afterAll(() => folder.remove());

describe.each(UNITS)('%s', (unit) => {
  const analyze = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(systemd.path, [...args, pathOf(unit)], { encoding: 'utf8' });

  it.skipIf(systemd.missing)('is valid for systemd', () => {
    expect(analyze('verify')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it.skipIf(systemd.missing)('has an exposure level of at most 2 of 10', () => {
    const { status, stdout } = analyze('security', '--offline=true', '--threshold=20', '--no-pager');
    expect(status, stdout).toBe(0);
  });

  it('starts the program with flags that it takes', async () => {
    const configuration = folder.write(
      'exporter.yml',
      'organizations: [{name: a, client_id: ding, client_secret: secret}]\n',
    );
    const command = linesOf(unit).find((line) =>
      line.startsWith('ExecStart=/usr/bin/env dingtalk-headcount-exporter '),
    );
    const args = (command ?? '')
      .replace('/etc/dingtalk-headcount-exporter/exporter.yml', configuration)
      .replaceAll('%i', '0')
      .replace('$' + '{SHARDS}', '3')
      .split(' ')
      .slice(2);
    expect(args[0]).toBe(`--config.file=${configuration}`);
    expect(await run([...args, '--config.check'])).toMatchObject({ code: 0, stderr: '' });
  });
});

it('both units have the same sandbox', () => {
  const settings = (unit: string): string[] =>
    linesOf(unit).filter((line) => /^(?!Description|EnvironmentFile|ExecStart)\w+=/u.test(line));
  const [one = '', shard = ''] = UNITS;
  expect(settings(shard)).toEqual(settings(one));
});
