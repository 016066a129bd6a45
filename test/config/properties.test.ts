import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../properties/seed.ts';
import { VARIABLES } from '../../src/config/environment.ts';
import { checkConfiguration } from '../../src/config/load.ts';
import { KEYS } from '../../src/config/schema.ts';
import { load, loadText, temporaryFolder } from './support.ts';

const folder = temporaryFolder();

/** Must not be in any fault; it is not part of a message or key. */
const SECRET = 'hush4711';

/** One line without control characters. */
const ONE_LINE = /^[^\p{Cc}]+$/u;

const hostileKey = fc.constantFrom('__proto__', 'constructor', 'toString', 'length', '', '<<', 'a b', '\n');
const anyKey = fc.oneof(
  fc.constantFrom(...Object.values(KEYS).flatMap((keys) => [...keys.keys()])),
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

/** Values similar to a configuration, with valid and invalid parts. */
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

describe('any input results in a configuration or in faults of one line each', () => {
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
  const anyText = fc.oneof(
    { arbitrary: fc.oneof(anyValue, nearConfiguration).map((value) => JSON.stringify(value)), weight: 3 },
    { arbitrary: fc.string({ unit: 'binary' }), weight: 1 },
    { arbitrary: scraps, weight: 2 },
  );

  it('any file, at start and with --config.check', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const { configuration, faults } = await loadText(folder, text);
        expect(configuration === undefined).toBe(faults.length > 0);
        const configFile = `${folder.path}/x.yml`;
        const checked = await checkConfiguration({ configFile, shard: undefined }, {});
        expect(checked.faults.length).toBeGreaterThanOrEqual(faults.length);
        for (const fault of [...faults, ...checked.faults]) expect(fault).toMatch(ONE_LINE);
      }),
    );
  });

  it('any environment', async () => {
    const variables = fc.dictionary(
      fc.oneof(
        fc.constantFrom(...VARIABLES.map(({ variable }) => variable)),
        fc.string().map((text) => `DINGTALK_${text}`),
      ),
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('30s', 'china', 'https://a.example', 'a', '1')),
    );
    await fc.assert(
      fc.asyncProperty(variables, async (environment) => {
        const { configuration, faults } = await load({}, environment);
        expect(configuration === undefined).toBe(faults.length > 0);
      }),
    );
  });
});

describe('no fault shows a secret', () => {
  const bad = [
    ...['', '*', '&', '!', '@', '%', '"', '{', '|', '? ', '- ', 'x\n'].map((start) => `${start}${SECRET}`),
    ` ${SECRET}\u0000`,
    `"\\q${SECRET}"`,
    `[${SECRET}]`,
    `${SECRET}: ${SECRET}`,
  ];

  it.each(['client_secret', 'app_secret', 'access_token'])('of a file, for %s', async (key) => {
    for (const value of bad) {
      for (const line of [`${key}: ${value}`, `${key}:${value}`, `${key} ${value}`, `{${key}:${value}}`]) {
        for (const more of ['', '\n    client_idd: 5']) {
          const text = `organizations:\n  - name: acme\n    ${line}${more}\n`;
          expect((await loadText(folder, text)).faults.join('\n')).not.toContain(SECRET);
        }
      }
    }
  });

  it.each(['CLIENT_SECRET', 'APP_SECRET', 'ACCESS_TOKEN', 'ACESS_TOKEN'])(
    'of the environment, for DINGTALK_%s',
    async (variable) => {
      for (const value of bad) {
        const { faults } = await load({}, { [`DINGTALK_${variable}`]: value, DINGTALK_CORP_ID: '..' });
        expect(faults).not.toEqual([]);
        expect(faults.join('\n')).not.toContain(SECRET);
      }
    },
  );

  it.each([
    `https://u:${SECRET}@a`,
    `http://${SECRET}@a`,
    `https://a?access_token=${SECRET}`,
    `u:${SECRET}@a`,
  ])('of the endpoint %s', async (url) => {
    const { faults } = await loadText(folder, JSON.stringify({ endpoints: { api: url, oapi: url } }));
    expect(faults).not.toEqual([]);
    expect(faults.join('\n')).not.toContain(SECRET);
  });
});
