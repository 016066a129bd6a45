import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseFile } from '../../src/config/file.ts';
import { FLAGS, type FlagDefinition, usageOf, variableOf } from '../../src/config/flag-table.ts';
import { ENDPOINT_VARIABLES, ORGANIZATION_KEYS, POLL_KEYS } from '../../src/config/key-table.ts';
import { KNOWN_KEYS } from '../../src/config/schema.ts';
import { REGIONS } from '../../src/config/validate.ts';

const PAGE = 'docs/configuration.md';

/** A table in columns of even width, as the formatter writes it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], filling: string): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, filling)).join(' | ')} |`;
  return [line(head, ' '), line([], '-'), ...rows.map((cells) => line(cells, ' '))].join('\n');
}

/** A pipe would end the cell. */
const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

function flagRow(flag: FlagDefinition, variable: string): string[] {
  const fallback =
    flag.default === undefined ? (flag.kind === 'boolean' ? 'off' : 'none') : code(flag.default);
  return [code(usageOf(flag)), code(variable), fallback, flag.meaning];
}

/** The tables of the page that the code knows better than any person. */
const TABLES: Readonly<Record<string, string>> = {
  flags: table(
    ['flag', 'environment variable', 'default', 'meaning'],
    [
      ...FLAGS.map((flag) => flagRow(flag, variableOf(flag.name))),
      [code('--version'), '', '', 'print the version, and end'],
      [code('--help'), '', '', 'print the flags, and end'],
    ],
  ),
  environment: table(
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
  poll: table(
    ['key', 'default', 'bounds', 'meaning'],
    Object.entries(POLL_KEYS).map(([key, { default: fallback, minimum, maximum, meaning }]) => [
      code(key),
      fallback === undefined ? '' : code(String(fallback)),
      `${minimum} to ${maximum}`,
      meaning,
    ]),
  ),
  organization: table(
    ['key', 'type', 'meaning'],
    ORGANIZATION_KEYS.map(({ key, type, meaning }) => [code(key), type, meaning]),
  ),
  regions: table(
    ['region', 'api', 'oapi'],
    Object.entries(REGIONS).map(([region, { api, oapi }]) => [code(region), code(api), code(oapi)]),
  ),
};

function withTables(page: string): string {
  return Object.entries(TABLES).reduce((text, [name, content]) => {
    const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`${PAGE} has no place for the table ${name}`);
    return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
  }, page);
}

describe(PAGE, () => {
  it('has the tables that the code prints (UPDATE_DOCS=true writes them)', () => {
    const page = readFileSync(PAGE, 'utf8');
    if (process.env['UPDATE_DOCS'] === 'true') writeFileSync(PAGE, withTables(page));
    expect(readFileSync(PAGE, 'utf8')).toBe(withTables(page));
  });

  it('names every key of the top, and the very keys of an organisation that the schema knows', () => {
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
