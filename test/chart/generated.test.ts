import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { code, expectGenerated } from '../support/generated.ts';
import { CHART, HELMS } from './helm.ts';

const read = (path: string): string => readFileSync(path, 'utf8');

/** Holds a file against what it is made from; `npm run chart` writes it first. */
function expectFile(path: string, content: string): void {
  if (process.env['UPDATE_DOCS'] === 'true') writeFileSync(path, content);
  expect(read(path), `${path}: "npm run chart" writes it anew`).toBe(content);
}

/**
 * The rows of the README's table: key, default and the comment above the key. A comment ends at an empty line, so
 * that an example below one key is not taken for the comment of the next.
 */
function documentedValues(text: string): string[][] {
  const rows: string[][] = [];
  const path: string[] = [];
  let comment: string[] = [];
  for (const line of text.split('\n')) {
    const [, indent = '', key, value = ''] = /^( *)([\w]+):(?: (.*))?$/u.exec(line) ?? [];
    if (key !== undefined) {
      path.splice(indent.length / 2, path.length, key);
      const meaning = comment.join(' ');
      if (value !== '' || meaning !== '')
        rows.push([code(path.join('.')), value === '' ? '' : code(value), meaning]);
    }
    const [, words] = /^ *# ?(.*)$/u.exec(line) ?? [];
    comment = words === undefined ? [] : [...comment, words];
  }
  return rows;
}

const { version, homepage } = z
  .object({ version: z.string(), homepage: z.string() })
  .parse(JSON.parse(read('package.json')));

describe('the chart', () => {
  it('has the README that its values document', () => {
    const rows = [
      ['key', 'default', 'meaning'],
      ['---', '---', '---'],
      ...documentedValues(read(join(CHART, 'values.yaml'))),
    ];
    const table = rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
    expectGenerated(join(CHART, 'README.md'), 'values', table);
  });

  it('carries the shipped rules', () => {
    expectFile(join(CHART, 'files/dingtalk.rules.yml'), read('rules/dingtalk.rules.yml'));
  });

  it('carries the dashboards', () => {
    for (const name of readdirSync('grafana/dashboards'))
      expectFile(
        join(CHART, 'files/dashboards', name),
        `${JSON.stringify(JSON.parse(read(join('grafana/dashboards', name))))}\n`,
      );
    expect(readdirSync(join(CHART, 'files/dashboards'))).toEqual(readdirSync('grafana/dashboards'));
  });

  it('installs this version of the exporter, from the image of its own repository', () => {
    const home = homepage.replace('#readme', '');
    const repository = new URL(home).pathname;
    expect(parse(read(join(CHART, 'Chart.yaml')))).toMatchObject({
      version,
      appVersion: version,
      home,
      sources: [home],
    });
    const { image } = parse(read(join(CHART, 'values.yaml')));
    expect(`${image.registry}/${image.repository}`).toBe(`ghcr.io${repository}`);
    const files = ['docs/kubernetes.md', join(CHART, 'README.md')];
    for (const unit of readdirSync('deploy/systemd')) files.push(join('deploy/systemd', unit));
    for (const file of files) {
      const addresses = [...read(file).matchAll(/(?:github\.com|ghcr\.io)((?:\/[\w-]+){2})/gu)];
      expect(addresses.length, file).toBeGreaterThan(0);
      for (const [, path] of addresses) expect([repository, `${dirname(repository)}/charts`]).toContain(path);
    }
  });

  it.skipIf(HELMS.length === 0)('is what deploy/kubernetes.yaml installs', async () => {
    const [head = ''] = read('deploy/kubernetes.yaml').split('---\n');
    for (const helm of HELMS) {
      const text = await helm.run(
        ...['template', 'dingtalk', CHART, '--skip-tests', '--values=deploy/values.yaml'],
      );
      // kubectl manages these objects, not Helm.
      expectFile(
        'deploy/kubernetes.yaml',
        head + text.replace(/^(# Source| +helm\.sh\/chart| +app\.kubernetes\.io\/managed-by):.*\n/gmu, ''),
      );
    }
  });
});
