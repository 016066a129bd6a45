import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseFile } from '../../src/config/file.ts';
import { FLAGS, type FlagDefinition, usageOf, variableOf } from '../../src/config/flag-table.ts';
import { ENDPOINT_VARIABLES, ORGANIZATION_KEYS, POLL_KEYS } from '../../src/config/key-table.ts';
import { KNOWN_KEYS } from '../../src/config/schema.ts';
import { REGIONS } from '../../src/config/validate.ts';
import { code, expectGenerated, markdownTable } from '../support/generated.ts';

const PAGE = 'docs/configuration.md';

function flagRow(flag: FlagDefinition, variable: string): string[] {
  const fallback =
    flag.default === undefined ? (flag.kind === 'boolean' ? 'off' : 'none') : code(flag.default);
  return [code(usageOf(flag)), code(variable), fallback, flag.meaning];
}

/** The tables of the page that the code knows better than any person. */
const TABLES: Readonly<Record<string, string>> = {
  flags: markdownTable(
    ['flag', 'environment variable', 'default', 'meaning'],
    [
      ...FLAGS.map((flag) => flagRow(flag, variableOf(flag.name))),
      [code('--version'), '', '', 'print the version, and end'],
      [code('--help'), '', '', 'print the flags, and end'],
    ],
  ),
  environment: markdownTable(
    ['variable', 'key', 'meaning'],
    [
      ...ORGANIZATION_KEYS.flatMap(({ key, variable, meaning }) =>
        variable === undefined
          ? []
          : [
              [
                code(variable),
                code(key),
                key === 'name' ? `${meaning}; default ${code('default')}` : meaning,
              ],
            ],
      ),
      ...Object.entries(ENDPOINT_VARIABLES).map(([key, variable]) => [
        code(variable),
        code(`endpoints.${key}`),
        'instead of the region; both or neither',
      ]),
    ],
  ),
  poll: markdownTable(
    ['key', 'default', 'bounds', 'meaning'],
    Object.entries(POLL_KEYS).map(([key, { default: fallback, minimum, maximum, meaning }]) => [
      code(key),
      fallback === undefined ? '' : code(String(fallback)),
      `${minimum} to ${maximum}`,
      meaning,
    ]),
  ),
  organization: markdownTable(
    ['key', 'type', 'meaning'],
    ORGANIZATION_KEYS.map(({ key, type, meaning }) => [code(key), type, meaning]),
  ),
  regions: markdownTable(
    ['region', 'api', 'oapi'],
    Object.entries(REGIONS).map(([region, { api, oapi }]) => [code(region), code(api), code(oapi)]),
  ),
};

describe(PAGE, () => {
  it.each(Object.entries(TABLES))('has the table of %s that the code prints', (name, content) => {
    expectGenerated(PAGE, name, content);
  });

  it('names every key of the top, and the very keys of an organization that the schema knows', () => {
    const page = readFileSync(PAGE, 'utf8');
    for (const key of KNOWN_KEYS.top) expect(page).toMatch(new RegExp(`\n\\| \`${key}\` +\\|`));
    expect(ORGANIZATION_KEYS.map(({ key }) => key)).toEqual(KNOWN_KEYS.organizations);
    expect(Object.keys(POLL_KEYS)).toEqual(KNOWN_KEYS.poll);
  });

  it('has examples that are right', async () => {
    const examples = [...readFileSync(PAGE, 'utf8').matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1]);
    expect(examples).toHaveLength(2);
    for (const example of examples) {
      expect(await parseFile('example.yml', example ?? '')).toMatchObject({ kind: 'configuration' });
    }
  });

  it('shows faults as they are', async () => {
    const text =
      'organizations:\n  - name: acme\n    clientid: a\n    client_secret: b\n    poll_interval: 30\n';
    const loaded = await parseFile('exporter.yml', text);
    if (loaded.kind !== 'faults') throw new Error('no fault was found');
    expect(readFileSync(PAGE, 'utf8')).toContain(`\`\`\`\n${loaded.faults.join('\n')}\n\`\`\``);
  });
});
