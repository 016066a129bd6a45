import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadEnvironment, ORGANIZATION_VARIABLES } from '../../src/config/environment.ts';
import { formatFault } from '../../src/config/fault.ts';
import { type Loaded, parseFile } from '../../src/config/file.ts';
import { ORGANIZATION_KEYS, POLL_KEYS } from '../../src/config/key-table.ts';
import { validate } from '../../src/config/validate.ts';

const SOURCE = { spell: (key: string) => key, locate: (path: string) => path };

/** Something that no fault may show; no message and no key holds it. */
const SECRET = 'hush4711';

/** What a fault looks like: one line, with no control characters. */
const ONE_LINE = /^[^\p{Cc}]+$/u;

const hostileKey = fc.constantFrom('__proto__', 'constructor', 'toString', 'length', '', '<<', 'a b', '\n');
const anyKey = fc.oneof(
  fc.constantFrom(
    ...ORGANIZATION_KEYS.map(({ key }) => key),
    ...Object.keys(POLL_KEYS),
    'poll',
    'organizations',
    'api',
    'oapi',
  ),
  hostileKey,
  fc.string(),
);
const anyScalar = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('30s', '1h', 'china', 'https://a.example', 'http://b.example', 'a', ''),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);

/** Values that have much in common with a configuration, and much that they should not have. */
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'medium' }, anyScalar, tie('list'), tie('map')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  map: fc.dictionary(anyKey, tie('value'), { maxKeys: 8 }),
}));
const nearConfiguration = fc.record(
  {
    organizations: fc.oneof(fc.array(fc.dictionary(anyKey, anyValue, { maxKeys: 8 })), anyValue),
    poll: fc.oneof(fc.dictionary(anyKey, anyScalar), anyValue),
    region: anyValue,
    endpoints: anyValue,
  },
  { requiredKeys: ['organizations'] },
);

function expectSound(loaded: Loaded): void {
  if (loaded.kind === 'configuration') {
    expect(loaded.configuration.organizations.length).toBeGreaterThan(0);
    return;
  }
  expect(loaded.faults.length).toBeGreaterThan(0);
  for (const fault of loaded.faults) expect(fault).toMatch(ONE_LINE);
}

describe('any configuration ends in a configuration or in faults, never in a throw', () => {
  it('any value', () => {
    fc.assert(
      fc.property(fc.oneof(anyValue, nearConfiguration, fc.anything()), (value) => {
        const validation = validate(value, SOURCE);
        if (validation.kind === 'configuration') return;
        expect(validation.faults.length).toBeGreaterThan(0);
        for (const fault of validation.faults) expect(formatFault(fault)).toMatch(ONE_LINE);
      }),
      { numRuns: 500 },
    );
  });

  it('any JSON as a file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyValue, nearConfiguration), async (value) => {
        expectSound(await parseFile('x.yml', JSON.stringify(value)));
      }),
      { numRuns: 300 },
    );
  });

  it('any text as a file', async () => {
    const scraps = fc
      .array(
        fc.oneof(
          anyKey,
          fc.constantFrom(
            ...': |- |\n|\n  |- |[|]|{|}|, |&a |*a|!x |"|\'|#|%|---|...|\t|? |>|<<: '.split('|'),
            '|',
          ),
        ),
      )
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), scraps), async (text) => {
        expectSound(await parseFile('x.yml', text));
      }),
      { numRuns: 500 },
    );
  });

  it('any environment', () => {
    const variables = fc.dictionary(
      fc.oneof(
        fc.constantFrom(...ORGANIZATION_VARIABLES),
        fc.string().map((text) => `DINGTALK_${text}`),
      ),
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('30s', 'china', 'https://a.example', 'a')),
    );
    fc.assert(fc.property(variables, (environment) => expectSound(loadEnvironment(environment))));
  });
});

describe('no fault shows a secret', () => {
  const bad = [
    SECRET,
    ` ${SECRET}\u0000`,
    `*${SECRET}`,
    `&${SECRET}`,
    `!${SECRET}`,
    `@${SECRET}`,
    `%${SECRET}`,
    `"${SECRET}`,
    `"\\q${SECRET}"`,
    `{${SECRET}`,
    `[${SECRET}]`,
    `|${SECRET}`,
    `${SECRET}: ${SECRET}`,
    `? ${SECRET}`,
    `- ${SECRET}`,
    `x\n${SECRET}`,
  ];
  const secretKeys = ['client_secret', 'app_secret', 'access_token'];

  it('of a file, however it is mangled', async () => {
    for (const key of secretKeys) {
      for (const value of bad) {
        for (const line of [`${key}: ${value}`, `${key}:${value}`, `${key} ${value}`, `{${key}:${value}}`]) {
          for (const more of ['', '\n    client_idd: 5']) {
            const loaded = await parseFile('x.yml', `organizations:\n  - name: acme\n    ${line}${more}\n`);
            if (loaded.kind === 'faults') expect(loaded.faults.join('\n')).not.toContain(SECRET);
          }
        }
      }
    }
  });

  it('of the environment', () => {
    for (const variable of [
      'DINGTALK_CLIENT_SECRET',
      'DINGTALK_APP_SECRET',
      'DINGTALK_ACCESS_TOKEN',
      'DINGTALK_ACESS_TOKEN',
    ]) {
      for (const value of bad) {
        const loaded = loadEnvironment({ [variable]: value, DINGTALK_CORP_ID: '..' });
        expect(loaded.kind).toBe('faults');
        if (loaded.kind === 'faults') expect(loaded.faults.join('\n')).not.toContain(SECRET);
      }
    }
  });

  it('of an endpoint with credentials', async () => {
    for (const url of [
      `https://u:${SECRET}@a`,
      `http://${SECRET}@a`,
      `https://a?access_token=${SECRET}`,
      `u:${SECRET}@a`,
    ]) {
      const loaded = await parseFile('x.yml', JSON.stringify({ endpoints: { api: url, oapi: url } }));
      expect(loaded.kind).toBe('faults');
      if (loaded.kind === 'faults') expect(loaded.faults.join('\n')).not.toContain(SECRET);
    }
  });
});
