import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Loaded, loadFile, parseFile } from '../../src/config/file.ts';

const MINUTE = 60_000;

/** A file that is right, around the lines of interest: one organization, then these lines at the top. */
const around = (lines: string): string =>
  `organizations:\n  - {name: acme, client_id: dingabc, client_secret: hush}\n${lines}\n`;

/** A file with one organization that has a name, and these keys. */
const organization = (keys: string): string =>
  `organizations:\n  - name: acme\n${keys.replaceAll(/^/gm, '    ')}\n`;

const LOGIN = 'client_id: dingabc\nclient_secret: hush';

function configurationIn(loaded: Loaded): Extract<Loaded, { kind: 'configuration' }> {
  if (loaded.kind === 'faults') throw new Error(loaded.faults.join('\n'));
  return loaded;
}

async function faultsIn(text: string): Promise<readonly string[]> {
  const loaded = await parseFile('x.yml', text);
  return loaded.kind === 'faults' ? loaded.faults : [];
}

describe('a configuration file', () => {
  it('is read whole', async () => {
    const text = `
region: international
poll:
  interval: 20m
  failure_interval: 15m
  timeout: 2m
  request_timeout: 5s
  retries: 0
  max_staleness: 3h
  rate_limit: 5
  concurrency: 10
organizations:
  - name: acme
    client_id: dingabc
    client_secret_file: /run/secrets/acme
    poll_interval: 10m
  - name: "示例 \\"公司\\" $1 \\\\"
    corp_id: ding123
    app_key: suiteabc
    app_secret: hush
    region: china
  - name: tenant
    corp_id: ding124
    client_id: suiteabc
    app_secret_file: secrets/suite
    suite_ticket_file: ../run/suite-ticket
    endpoints: {api: "https://gateway.example:8443/dingtalk/api/", oapi: "http://127.0.0.1:8080/"}
  - name: legacy
    access_token_file: token
  - name: borrowed
    access_token: "  token  "
`;
    const international = { api: 'https://api.dingtalk.io', oapi: 'https://oapi.dingtalk.io' };
    const common = { pollInterval: 20 * MINUTE, failureInterval: 15 * MINUTE, maxStaleness: 180 * MINUTE };
    expect(await parseFile('conf/x.yml', text)).toEqual({
      kind: 'configuration',
      configuration: {
        poll: { timeout: 2 * MINUTE, requestTimeout: 5_000, retries: 0, rateLimit: 5, concurrency: 10 },
        organizations: [
          {
            ...common,
            name: 'acme',
            endpoints: international,
            credentials: {
              kind: 'internal_app',
              clientId: 'dingabc',
              clientSecret: { kind: 'file', path: '/run/secrets/acme' },
            },
            pollInterval: 10 * MINUTE,
            failureInterval: 10 * MINUTE,
          },
          {
            ...common,
            name: '示例 "公司" $1 \\',
            endpoints: { api: 'https://api.dingtalk.com', oapi: 'https://oapi.dingtalk.com' },
            credentials: {
              kind: 'third_party_app',
              corpId: 'ding123',
              clientId: 'suiteabc',
              clientSecret: { kind: 'inline', value: 'hush' },
            },
          },
          {
            ...common,
            name: 'tenant',
            endpoints: { api: 'https://gateway.example:8443/dingtalk/api', oapi: 'http://127.0.0.1:8080' },
            credentials: {
              kind: 'third_party_app_with_ticket',
              corpId: 'ding124',
              clientId: 'suiteabc',
              clientSecret: { kind: 'file', path: 'conf/secrets/suite' },
              suiteTicket: { kind: 'file', path: 'run/suite-ticket' },
            },
          },
          {
            ...common,
            name: 'legacy',
            endpoints: international,
            credentials: { kind: 'access_token', accessToken: { kind: 'file', path: 'conf/token' } },
          },
          {
            ...common,
            name: 'borrowed',
            endpoints: international,
            credentials: { kind: 'access_token', accessToken: { kind: 'inline', value: 'token' } },
          },
        ],
      },
      secretFiles: [
        {
          organization: 'acme',
          path: '/run/secrets/acme',
          where: 'conf/x.yml:15: organizations[0].client_secret_file',
        },
        {
          organization: 'tenant',
          path: 'conf/secrets/suite',
          where: 'conf/x.yml:25: organizations[2].app_secret_file',
        },
        {
          organization: 'tenant',
          path: 'run/suite-ticket',
          where: 'conf/x.yml:26: organizations[2].suite_ticket_file',
        },
        {
          organization: 'legacy',
          path: 'conf/token',
          where: 'conf/x.yml:29: organizations[3].access_token_file',
        },
      ],
    });
  });

  it('has the documented defaults', async () => {
    const { configuration } = configurationIn(await parseFile('x.yml', around('')));
    expect(configuration).toEqual({
      poll: { timeout: MINUTE, requestTimeout: 10_000, retries: 3, rateLimit: 20, concurrency: 50 },
      organizations: [
        {
          name: 'acme',
          endpoints: { api: 'https://api.dingtalk.io', oapi: 'https://oapi.dingtalk.io' },
          credentials: {
            kind: 'internal_app',
            clientId: 'dingabc',
            clientSecret: { kind: 'inline', value: 'hush' },
          },
          pollInterval: 30 * MINUTE,
          failureInterval: 5 * MINUTE,
          maxStaleness: 91 * MINUTE,
        },
      ],
    });
  });

  it('derives what depends on the interval of the organization', async () => {
    const text = organization(`${LOGIN}\npoll_interval: 1m`);
    const { configuration } = configurationIn(await parseFile('x.yml', text));
    expect(configuration.organizations[0]).toMatchObject({
      pollInterval: MINUTE,
      failureInterval: MINUTE,
      maxStaleness: 4 * MINUTE,
    });
  });

  it.each([
    ['interval: 1s', 'interval: 7d', 'interval: 1w'],
    ['failure_interval: 1ms', 'failure_interval: 7d', 'timeout: 1h'],
    ['timeout: 1ms', 'request_timeout: 1ms', 'request_timeout: 1h'],
    ['retries: 0', 'retries: 10', 'max_staleness: 1ms'],
    ['rate_limit: 1', 'rate_limit: 10000', 'max_staleness: 1y'],
    ['concurrency: 1', 'concurrency: 1000', 'max_staleness: 365d'],
  ])('takes the bounds themselves: %s, %s, %s', async (...lines) => {
    for (const line of lines) expect(await faultsIn(around(`poll: {${line}}`))).toEqual([]);
  });

  it.each([
    'http://localhost:1',
    'http://LOCALHOST',
    'http://127.0.0.1',
    'http://127.1.2.3:80/a/b',
    'http://[::1]:1',
  ])('takes plain http on loopback: %s', async (url) => {
    expect(await faultsIn(around(`endpoints: {api: "${url}", oapi: "${url}"}`))).toEqual([]);
  });

  it('shares values by anchors and aliases, thousands of times', async () => {
    const organizations = Array.from(
      { length: 3_000 },
      (_, index) => `  - {name: "${index}", client_id: a, client_secret: b, endpoints: *gateway}`,
    );
    const shared = 'endpoints: &gateway {api: "https://a.example", oapi: "https://b.example"}';
    const text = `${shared}\norganizations:\n${organizations.join('\n')}\n`;
    const { configuration } = configurationIn(await parseFile('x.yml', text));
    expect(configuration.organizations).toHaveLength(3_000);
    expect(configuration.organizations[2_999]?.endpoints.oapi).toBe('https://b.example');
  });

  it('takes names of any characters but control characters', async () => {
    for (const name of [
      'a b',
      ' ',
      '$(x)',
      'a"b\\c',
      '示例公司',
      '\u{1f3e2}'.repeat(128),
      'a,b={}',
      '\u2028',
    ]) {
      const text = JSON.stringify({ organizations: [{ name, client_id: 'a', client_secret: 'b' }] });
      const { configuration } = configurationIn(await parseFile('x.yml', text));
      expect(configuration.organizations[0]?.name).toBe(name);
    }
  });
});

describe('what is wrong with a configuration file', () => {
  it.each<[string, string, string[]]>([
    ['an empty file', '', ['x.yml:1: is empty: it needs at least the key organizations']],
    ['only comments', '# nothing\n---\n', ['x.yml:2: is empty: it needs at least the key organizations']],
    ['a text', 'hello', ['x.yml:1: is text, but a map of keys and values is meant']],
    ['a list', '- a', ['x.yml:1: is a list, but a map of keys and values is meant']],
    ['no organizations', 'region: china', ['x.yml:1: organizations: is missing']],
    [
      'an empty list',
      'organizations: []',
      ['x.yml:1: organizations: is empty: at least one organization is needed'],
    ],
    [
      'organizations without a list',
      'organizations:\n  acme:\n    client_id: a',
      ['x.yml:1: organizations: is a map of keys and values, but a list is meant'],
    ],
    [
      'an empty key',
      'organizations:\n',
      ['x.yml:1: organizations: has no value: write one, or take the key out'],
    ],
    ['an empty poll', around('poll:'), ['x.yml:3: poll: has no value: write one, or take the key out']],
    ['a near miss', around('pol: {}'), ['x.yml:3: pol: unknown key: did you mean poll?']],
    [
      'a near miss below',
      around('poll:\n  failure-interval: 5m'),
      [
        'x.yml:4: poll.failure-interval: unknown key: did you mean failure_interval?'.replace(
          '.failure-interval',
          '["failure-interval"]',
        ),
      ],
    ],
    [
      'a near miss at an organization',
      organization(`${LOGIN}\nclientSecret: x`),
      ['x.yml:5: organizations[0].clientSecret: unknown key: did you mean client_secret?'],
    ],
    [
      'an unknown key',
      around('proxy: x'),
      ['x.yml:3: proxy: unknown key (known here: region, endpoints, poll, organizations)'],
    ],
    [
      'a key of poll at the top',
      around('timeout: 1m'),
      ['x.yml:3: timeout: unknown key: it stands under poll, at the top'],
    ],
    [
      'a key of an organization at the top',
      around('client_id: a'),
      ['x.yml:3: client_id: unknown key: it stands at an organization'],
    ],
    [
      'a key of objects in JavaScript',
      around('__proto__: {region: china}\nconstructor: 1\ntoString: 1'),
      ['__proto__', 'constructor', 'toString'].map(
        (key, index) =>
          `x.yml:${3 + index}: ${key}: unknown key (known here: region, endpoints, poll, organizations)`,
      ),
    ],
    [
      'a merge key',
      organization(`${LOGIN}\n<<: {region: china}`),
      ['x.yml:5: organizations[0]["<<"]: unknown key: merge keys are not read, repeat the keys instead'],
    ],
    [
      'a key given twice',
      around('region: china\nregion: china'),
      ['x.yml:4: region: is given twice: keep one of the two'],
    ],
    [
      'a key given twice at an organization',
      organization(`${LOGIN}\nname: acme`),
      ['x.yml:5: organizations[0].name: is given twice: keep one of the two'],
    ],
    ['a key that is a list', around('? [a]\n: b'), ['x.yml:3: has a key that is no plain text']],
    [
      'a key that is a number',
      around('5: b'),
      ['x.yml:3: ["5"]: unknown key (known here: region, endpoints, poll, organizations)'],
    ],
  ])('%s', async (_, text, faults) => {
    expect(await faultsIn(text)).toEqual(faults);
  });

  it.each<[string, string[]]>([
    ['interval: 0', ['interval: 0 is too short: at least 1s']],
    ['interval: 0s', ['interval: 0s is too short: at least 1s']],
    ['interval: 30d', ['interval: 30d is too long: at most 7d']],
    ['interval: 30', ['interval: "30" has no unit: write a unit, such as 30s']],
    ['interval: "1.5h"', ['interval: "1.5h" is not how Prometheus writes durations: write 1h30m']],
    ['interval: true', ['interval: is true or false, but a duration is meant']],
    ['interval: [1m]', ['interval: is a list, but a duration is meant']],
    ['interval: .inf', ['interval: is a number, but a duration is meant']],
    ['failure_interval: 0s', ['failure_interval: 0s is too short: at least 1ms']],
    ['timeout: 2h', ['timeout: 2h is too long: at most 1h']],
    ['request_timeout: 0', ['request_timeout: 0 is too short: at least 1ms']],
    ['max_staleness: 2y', ['max_staleness: 2y is too long: at most 1y']],
    ['retries: 11', ['retries: 11 is not a whole number from 0 to 10']],
    ['retries: -1', ['retries: -1 is not a whole number from 0 to 10']],
    ['retries: 1.5', ['retries: 1.5 is not a whole number from 0 to 10']],
    ['retries: "3"', ['retries: "3" is text: take the quotes off']],
    ['retries: many', ['retries: is not a whole number from 0 to 10']],
    ['retries: ~', ['retries: has no value: write one, or take the key out']],
    ['rate_limit: 0', ['rate_limit: 0 is not a whole number from 1 to 10000']],
    ['rate_limit: 1e300', ['rate_limit: 1e+300 is not a whole number from 1 to 10000']],
    ['rate_limit: .nan', ['rate_limit: NaN is not a whole number from 1 to 10000']],
    ['concurrency: 1001', ['concurrency: 1001 is not a whole number from 1 to 1000']],
  ])('poll: %s', async (line, faults) => {
    expect(await faultsIn(around(`poll:\n  ${line}`))).toEqual(
      faults.map((fault) => `x.yml:4: poll.${fault}`),
    );
  });

  it.each<[string, string, string[]]>([
    ['missing', '{client_id: a, client_secret: b}', [': is missing']],
    ['empty', `{name: "", client_id: a, client_secret: b}`, [': is empty: it is the label organization']],
    [
      'a number',
      '{name: 42, client_id: a, client_secret: b}',
      [': is a number where text is meant: put it in quotes'],
    ],
    [
      'a boolean',
      '{name: true, client_id: a, client_secret: b}',
      [': is true or false where text is meant: put it in quotes'],
    ],
    [
      'with a newline',
      '{name: "ac\\nme", client_id: a, client_secret: b}',
      [': has a control character (U+000A) at position 3: take it out'],
    ],
    [
      'with half a character',
      '{name: "\u{1f3e2}\\ud83c", client_id: a, client_secret: b}',
      [': has half a character (U+D83C) at position 2: take it out'],
    ],
    [
      'of 10,000 characters',
      `{name: "${'x'.repeat(10_000)}", client_id: a, client_secret: b}`,
      [': has 10000 characters: at most 128'],
    ],
  ])('a name that is %s', async (_, flow, faults) => {
    expect(await faultsIn(`organizations:\n  - ${flow}\n`)).toEqual(
      faults.map((fault) => `x.yml:2: organizations[0].name${fault}`),
    );
  });

  it('names that stand twice', async () => {
    const text = `organizations:\n${'  - {name: acme, client_id: a, client_secret: b}\n'.repeat(3)}`;
    expect(await faultsIn(text)).toEqual([
      'x.yml:3: organizations[1].name: "acme" is the name of organizations[0] already',
      'x.yml:4: organizations[2].name: "acme" is the name of organizations[0] already',
    ]);
  });

  it.each<[string, string[]]>([
    [
      '',
      [
        ':2: organizations[0]: has no credentials: give client_id and client_secret or client_secret_file, or access_token_file',
      ],
    ],
    [
      'client_id: a',
      [':3: organizations[0].client_id: is not enough: give client_secret or client_secret_file too'],
    ],
    [
      'app_key: a',
      [':3: organizations[0].app_key: is not enough: give client_secret or client_secret_file too'],
    ],
    ['client_secret: a', [':3: organizations[0].client_secret: is not enough: give client_id too']],
    [
      'suite_ticket_file: a',
      [
        ':3: organizations[0].suite_ticket_file: is not enough: give client_id, and client_secret or client_secret_file, and corp_id too',
      ],
    ],
    [
      'corp_id: a',
      [
        ':3: organizations[0].corp_id: is not enough: give client_id, and client_secret or client_secret_file too',
      ],
    ],
    [`${LOGIN}\nsuite_ticket_file: a`, [':3: organizations[0].client_id: is not enough: give corp_id too']],
    [
      `${LOGIN}\napp_key: a`,
      [':5: organizations[0].app_key: is given beside client_id: keep one of the two'],
    ],
    [
      `${LOGIN}\nclient_secret_file: a\napp_secret: b`,
      [
        ':5: organizations[0].client_secret_file: is given beside client_secret: keep one of the two',
        ':6: organizations[0].app_secret: is given beside client_secret: keep one of the two',
      ],
    ],
    [
      `${LOGIN}\naccess_token: a`,
      [
        ':5: organizations[0].access_token: is a second kind of credentials beside client_id: keep one of the two',
      ],
    ],
    [
      'access_token: a\naccess_token_file: b',
      [':4: organizations[0].access_token_file: is given beside access_token: keep one of the two'],
    ],
    [
      'access_token: a\ncorp_id: b',
      [
        ':3: organizations[0].access_token: is a second kind of credentials beside corp_id: keep one of the two',
      ],
    ],
    [
      'client_id: a\nclient_secret: ""',
      [':4: organizations[0].client_secret: is empty: write the secret, or name a file that holds it'],
    ],
    [
      'client_id: a\nclient_secret: " "',
      [':4: organizations[0].client_secret: is empty: write the secret, or name a file that holds it'],
    ],
    [
      'client_id: a\nclient_secret: 123',
      [':4: organizations[0].client_secret: is a number where text is meant: put it in quotes'],
    ],
    [
      'client_id: a\nclient_secret: ',
      [':4: organizations[0].client_secret: has no value: write one, or take the key out'],
    ],
    [
      'client_id: a\nclient_secret: "a\\nb"',
      [':4: organizations[0].client_secret: has characters that no secret of DingTalk has: copy it again'],
    ],
    [
      'client_id: a\nclient_secret_file: ""',
      [':4: organizations[0].client_secret_file: is empty: write the path of a file'],
    ],
    [
      'client_id: a\nclient_secret_file: "a\\0"',
      [
        ':4: organizations[0].client_secret_file: has a control character (U+0000) at position 2: write the path of a file',
      ],
    ],
    [
      'client_id: ""\nclient_secret: a',
      [':3: organizations[0].client_id: is empty: copy it from the developer console'],
    ],
    [
      'client_id: 5\nclient_secret: a',
      [':3: organizations[0].client_id: is a number where text is meant: put it in quotes'],
    ],
    [
      'client_id: a b\nclient_secret: a',
      [
        ':3: organizations[0].client_id: has characters that no id of DingTalk has: copy it again from the developer console',
      ],
    ],
    [
      `${LOGIN}\ncorp_id: ..`,
      [
        ':5: organizations[0].corp_id: has characters that no id of DingTalk has: copy it again from the developer console',
      ],
    ],
    [
      `${LOGIN}\ncorp_id: ${'a'.repeat(257)}`,
      [':5: organizations[0].corp_id: has 257 characters: at most 256'],
    ],
  ])('credentials: %j', async (keys, faults) => {
    expect(await faultsIn(keys === '' ? 'organizations:\n  - name: acme\n' : organization(keys))).toEqual(
      faults.map((fault) => `x.yml${fault}`),
    );
  });

  const PLAIN =
    'sends secrets over plain http: write https (http is for localhost, 127.0.0.0/8 and [::1] only)';
  const NO_URL = 'is not an absolute URL: write it like https://api.dingtalk.io';
  const LOGIN_IN_URL = 'has credentials in it: take them out (those of the app are keys of the organization)';

  it.each([
    ['https://user:password@gateway.example', LOGIN_IN_URL],
    ['https://token@gateway.example', LOGIN_IN_URL],
    ['http://user:password@gateway.example', LOGIN_IN_URL],
    ['http://gateway.example', PLAIN],
    ['http://localhost.gateway.example', PLAIN],
    ['http://127.0.0.1.gateway.example', PLAIN],
    ['http://[::ffff:127.0.0.1]', PLAIN],
    ['http://0.0.0.0', PLAIN],
    [
      'https://gateway.example?access_token=hush',
      'has a query or a fragment: write scheme, host and path only',
    ],
    ['https://gateway.example/#', 'has a query or a fragment: write scheme, host and path only'],
    ['gateway.example', NO_URL],
    ['ftp://gateway.example', NO_URL],
    ['https:gateway.example', NO_URL],
    ['https:///gateway.example', NO_URL],
    ['https://gate way.example', NO_URL],
    ['https:\\\\\\\\gateway.example', NO_URL],
    ['https://gateway.example:99999', NO_URL],
    ['', NO_URL],
  ])('an endpoint %j', async (url, message) => {
    const faults = await faultsIn(around(`endpoints:\n  api: "${url}"\n  oapi: https://oapi.dingtalk.io`));
    expect(faults).toEqual([`x.yml:4: endpoints.api: ${message}`]);
  });

  it.each<[string, string[]]>([
    ['region: cn', [':3: region: "cn" is no region: write international or china']],
    ['region: 5', [':3: region: is a number where text is meant: put it in quotes']],
    ['endpoints: {api: "https://a"}', [':3: endpoints.oapi: is missing: both URLs are needed, or neither']],
    [
      'endpoints: {}',
      [
        ':3: endpoints.api: is missing: both URLs are needed, or neither',
        ':3: endpoints.oapi: is missing: both URLs are needed, or neither',
      ],
    ],
    [
      'endpoints: {api: 5, oapi: "https://a"}',
      [':3: endpoints.api: is a number where text is meant: put it in quotes'],
    ],
    [
      'region: china\nendpoints: {api: "https://a", oapi: "https://b"}',
      [':4: endpoints: is given beside region: keep one of the two'],
    ],
  ])('where DingTalk is: %s', async (lines, faults) => {
    expect(await faultsIn(around(lines))).toEqual(faults.map((fault) => `x.yml${fault}`));
  });

  it('a region and endpoints at the same organization', async () => {
    const text = organization(`${LOGIN}\nregion: china\nendpoints: {api: "https://a", oapi: "https://b"}`);
    expect(await faultsIn(text)).toEqual([
      'x.yml:6: organizations[0].endpoints: is given beside region: keep one of the two',
    ]);
  });

  it('everything at once, in the order of the lines', async () => {
    const text = `organizations:
  - name: acme
    clientid: a
    client_secret: hush
    poll_interval: 30
  - name: acme
    access_token: hush
poll:
  retries: 99
regoin: china
`;
    expect(await faultsIn(text)).toEqual([
      'x.yml:3: organizations[0].clientid: unknown key: did you mean client_id?',
      'x.yml:4: organizations[0].client_secret: is not enough: give client_id too',
      'x.yml:5: organizations[0].poll_interval: "30" has no unit: write a unit, such as 30s',
      'x.yml:6: organizations[1].name: "acme" is the name of organizations[0] already',
      'x.yml:9: poll.retries: 99 is not a whole number from 0 to 10',
      'x.yml:10: regoin: unknown key: did you mean region?',
    ]);
  });

  it('at the line of the anchor, where an alias brought it', async () => {
    const text = `organizations:
  - name: a
    access_token: a
    endpoints: &gateway
      api: nowhere
      oapi: https://b.example
  - {name: b, access_token: b, endpoints: *gateway}
`;
    expect(await faultsIn(text)).toEqual([
      'x.yml:5: organizations[0].endpoints.api: is not an absolute URL: write it like https://api.dingtalk.io',
      'x.yml:5: organizations[1].endpoints.api: is not an absolute URL: write it like https://api.dingtalk.io',
    ]);
  });
});

describe('loadFile', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'configuration-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('reads the file, and paths in it from its own folder', async () => {
    const path = join(folder, 'good.yml');
    writeFileSync(path, organization('client_id: a\nclient_secret_file: secrets/acme'));
    const { secretFiles } = configurationIn(await loadFile(path));
    expect(secretFiles).toEqual([
      {
        organization: 'acme',
        path: join(folder, 'secrets/acme'),
        where: `${path}:4: organizations[0].client_secret_file`,
      },
    ]);
  });

  it('tells of a file that is missing, a directory, no text, or too long', async () => {
    const at = (name: string): string => join(folder, name);
    writeFileSync(at('latin1.yml'), Buffer.from('name: Zürich', 'latin1'));
    writeFileSync(at('long.yml'), Buffer.alloc(64 * 1024 * 1024 + 1, '#'));
    const reasons: [string, string][] = [
      ['missing.yml', 'it does not exist'],
      ['', 'it is a directory: give the path of a file in it'],
      ['latin1.yml', 'it is not UTF-8 text'],
      ['long.yml', 'it is longer than 64 MiB'],
    ];
    for (const [name, reason] of reasons) {
      expect(await loadFile(at(name))).toMatchObject({
        kind: 'faults',
        faults: [`${at(name)}:1: configuration file: ${reason}`],
      });
    }
  });
});
