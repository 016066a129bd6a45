import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FLAGS, type FlagName, usageOf, variableOf } from '../../src/config/flags.ts';
import { KEYS, type KeyReference } from '../../src/config/schema.ts';
import { REGIONS } from '../../src/config/validate.ts';
import { code, expectGenerated, markdownTable } from '../support/generated.ts';
import { load, loadText, temporaryFolder } from './support.ts';

const PAGE = 'docs/configuration.md';
const folder = temporaryFolder();

const codeOrNone = (text: string | undefined): string => (text === undefined ? '' : code(text));

function rows(keys: ReadonlyMap<string, KeyReference>, columns: (key: KeyReference) => string[]): string[][] {
  return Array.from(keys, ([key, reference]) => [code(key), ...columns(reference), reference.meaning]);
}

const organizationKeys = new Map([
  ...KEYS.organizations,
  ...Array.from(KEYS.endpoints, ([key, reference]) => [`endpoints.${key}`, reference] as const),
]);

const TABLES: Readonly<Record<string, string>> = {
  flags: markdownTable(
    ['flag', 'environment variable', 'default', 'meaning'],
    [
      ...Object.entries(FLAGS).map(([name, flag]) => [
        code(usageOf(name as FlagName)),
        code(variableOf(name as FlagName)),
        codeOrNone('default' in flag ? flag.default : undefined),
        flag.meaning,
      ]),
      [code('--version'), '', '', 'print the version and exit'],
      [`${code('--help')}, ${code('-h')}`, '', '', 'print the flags and exit'],
    ],
  ),
  top: markdownTable(
    ['key', 'meaning'],
    rows(KEYS.top, () => []),
  ),
  organization: markdownTable(
    ['key', 'environment variable', 'meaning'],
    rows(organizationKeys, ({ variable }) => [codeOrNone(variable)]),
  ),
  poll: markdownTable(
    ['key', 'environment variable', 'default', 'bounds', 'meaning'],
    rows(KEYS.poll, ({ variable, default: fallback, bounds = '' }) => [
      codeOrNone(variable),
      codeOrNone(fallback),
      bounds,
    ]),
  ),
  regions: markdownTable(
    ['region', 'api', 'oapi'],
    Object.entries(REGIONS).map(([region, { api, oapi }]) => [code(region), code(api), code(oapi)]),
  ),
};

describe(PAGE, () => {
  it.each(Object.entries(TABLES))('has the generated table of %s', (name, content) => {
    expectGenerated(PAGE, name, content);
  });

  it('has a valid example with every key, except aliases', async () => {
    const examples = [...readFileSync(PAGE, 'utf8').matchAll(/```yaml\n(.*?)```/gs)].map(
      (match) => match[1] ?? '',
    );
    expect(examples).toHaveLength(1);
    const [example = ''] = examples;
    expect((await loadText(folder, example)).faults).toEqual([]);
    const missing = Object.values(KEYS)
      .flatMap((keys) => [...keys.keys()])
      .filter((key) => !example.includes(`${key}: `) && !example.includes(`${key}:\n`));
    expect(missing).toEqual(['app_key', 'app_secret', 'app_secret_file', 'access_token']);
  });

  it('has the faults of its invalid example', async () => {
    const text =
      'organizations:\n  - name: acme\n    clientid: a\n    client_secret: b\n    poll_interval: 30\n';
    const configFile = folder.write('exporter.yml', text);
    const { faults } = await load({ configFile });
    const shown = faults.map((fault) => fault.replace(configFile, 'exporter.yml')).join('\n');
    expect(readFileSync(PAGE, 'utf8')).toContain(`\`\`\`\n${shown}\n\`\`\``);
  });

  it('has the calls a second that 60 organizations need', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `{name: "${index}", access_token: a}`).join(', ');
    const { faults } = await loadText(
      folder,
      `organizations: [${names}]\npoll: {interval: 10s, rate_limit: 11}\n`,
    );
    const need = /60 organizations need (\d+ calls a second)/u.exec(faults[0] ?? '')?.[1];
    expect(readFileSync(PAGE, 'utf8')).toContain(
      `60 organizations with an interval of 10 seconds need ${need}`,
    );
  });
});
