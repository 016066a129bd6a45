import { describe, expect, it } from 'vitest';
import {
  around,
  configurationIn,
  LOGIN,
  load,
  loadText,
  organization,
  placesIn,
  temporaryFolder,
} from './support.ts';

const MINUTE = 60_000;
const folder = temporaryFolder();

const read = async (text: string) => configurationIn(await loadText(folder, text));
const places = async (text: string) => placesIn(await loadText(folder, text));

describe('a configuration file', () => {
  it('has every key', async () => {
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
    access_token: token
`;
    const international = { api: 'https://api.dingtalk.io', oapi: 'https://oapi.dingtalk.io' };
    const common = { pollInterval: 20 * MINUTE, failureInterval: 15 * MINUTE, maxStaleness: 180 * MINUTE };
    const configuration = configurationIn(await load({ configFile: folder.write('conf/x.yml', text) }));
    expect(configuration).toEqual({
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
            clientSecret: { kind: 'file', path: `${folder.path}/conf/secrets/suite` },
            suiteTicket: { kind: 'file', path: `${folder.path}/run/suite-ticket` },
          },
        },
        {
          ...common,
          name: 'legacy',
          endpoints: international,
          credentials: {
            kind: 'access_token',
            accessToken: { kind: 'file', path: `${folder.path}/conf/token` },
          },
        },
        {
          ...common,
          name: 'borrowed',
          endpoints: international,
          credentials: { kind: 'access_token', accessToken: { kind: 'inline', value: 'token' } },
        },
      ],
    });
  });

  it('has the documented defaults', async () => {
    expect(await read(around(''))).toEqual({
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

  it('derives defaults from the poll interval of the organization', async () => {
    const { organizations } = await read(organization(`${LOGIN}\npoll_interval: 1m`));
    expect(organizations[0]).toMatchObject({
      pollInterval: MINUTE,
      failureInterval: MINUTE,
      maxStaleness: 4 * MINUTE,
    });
  });

  it('prefers the region and endpoints of the organization to those at the top', async () => {
    const gateway = 'endpoints: {api: "https://a.example", oapi: "https://b.example"}';
    const text = `${gateway}\n${organization(`${LOGIN}\nregion: china`)}  - {name: other, access_token: t}\n`;
    const { organizations } = await read(text);
    expect(organizations.map(({ endpoints }) => endpoints.api)).toEqual([
      'https://api.dingtalk.com',
      'https://a.example',
    ]);
  });

  it.each([
    'interval: 1s, max_staleness: 1s',
    'interval: 7d',
    'retries: 0',
    'retries: "10"',
    'max_staleness: 1y',
  ])('accepts the bounds: {%s}', async (poll) => {
    expect(await places(around(`poll: {${poll}}`))).toEqual([]);
  });

  it.each(['http://localhost:1', 'http://LOCALHOST', 'http://127.1.2.3:80/a/b', 'http://[::1]:1'])(
    'accepts plain http on loopback: %s',
    async (url) => {
      expect(await places(around(`endpoints: {api: "${url}", oapi: "${url}"}`))).toEqual([]);
    },
  );

  it('can have 1,000 organizations with an alias each', async () => {
    const organizations = Array.from(
      { length: 1000 },
      (_, index) => `  - {name: "${index}", client_id: a, client_secret: b, endpoints: *gateway}\n`,
    );
    const shared = 'endpoints: &gateway {api: "https://a.example", oapi: "https://b.example"}';
    const configuration = await read(`${shared}\norganizations:\n${organizations.join('')}`);
    expect(configuration.organizations).toHaveLength(1000);
    expect(configuration.organizations[999]?.endpoints.oapi).toBe('https://b.example');
  });
});

describe('a fault of a configuration file has its line and path', () => {
  it.each<[string, string[]]>([
    ['organizations:\n', ['1: organizations']],
    [around('poll:\n  failure-interval: 5m'), ['4: poll["failure-interval"]']],
    [around('client_id: a'), ['3: client_id']],
    [around('__proto__: {region: china}\nconstructor: 1'), ['3: __proto__', '4: constructor']],
    [around('5: b'), ['3: ["5"]']],
    [around('region: china\nregion: china'), ['4: broken YAML']],
    [around('? [a]\n: b'), ['1: ["[…"]', '3: broken YAML']],
    [organization(`${LOGIN}\n<<: {region: china}`), ['5: organizations[0]["<<"]']],
    [organization('client_secret:hush'), ['3: broken YAML']],
    [
      'organizations:\n  - name: {{ NAME }}\n    access_token: a\npoll: {retries: 99}\n',
      ['2: broken YAML', '2: organizations[0].name', '4: poll.retries'],
    ],
    // An aliased value has the line of the alias.
    [
      `endpoints: &x {api: y, oapi: "https://z"}\n${organization('access_token: a\nendpoints: *x')}`,
      ['1: endpoints.api', '5: organizations[0].endpoints.api'],
    ],
  ])('%j', async (text, expected) => {
    expect(await places(text)).toEqual(expected);
  });

  it.each([
    'interval: .inf',
    'max_staleness: 2y',
    'retries: 1.5',
    'retries: ~',
    'rate_limit: 1e300',
    'rate_limit: .nan',
  ])('poll: {%s}', async (line) => {
    expect(await places(around(`poll:\n  ${line}`))).toEqual([`4: poll.${line.replace(/:.*/u, '')}`]);
  });

  it.each(['', 'name: 42', 'name: {}', 'name: "half \\ud83c"'])('the name of {%s}', async (name) => {
    const text = `organizations:\n  - {client_id: a, client_secret: b, ${name}}\n`;
    expect(await places(text)).toEqual(['2: organizations[0].name']);
  });

  it.each<[string, string[]]>([
    ['app_key: a', ['3: app_key']],
    ['suite_ticket_file: a', Array(3).fill('3: suite_ticket_file')],
    ['corp_id: a', Array(2).fill('3: corp_id')],
    [`${LOGIN}\nclient_secret_file: a\napp_secret: b`, ['5: client_secret_file', '6: app_secret']],
    ['access_token: a\naccess_token_file: b', ['4: access_token_file']],
    ['access_token: a\ncorp_id: b', ['3: access_token']],
    ['client_id: a\nclient_secret: " "', ['4: client_secret']],
    ['client_id: a\nclient_secret: 123', ['4: client_secret']],
    ['client_id: a\nclient_secret: ', ['4: client_secret']],
    ['client_id: a\nclient_secret: "a\\nb"', ['4: client_secret']],
    ['client_id: a\nclient_secret_file: "a\\0"', ['4: client_secret_file']],
    ['client_id: ""\nclient_secret: a', ['3: client_id']],
    ['client_id: 5\nclient_secret: a', ['3: client_id']],
    ['client_id: a b\nclient_secret: a', ['3: client_id']],
    [`${LOGIN}\ncorp_id: ..`, ['5: corp_id']],
    [`${LOGIN}\ncorp_id: ${'a'.repeat(257)}`, ['5: corp_id']],
    [`${LOGIN}\nregion: china\nendpoints: {api: "https://a", oapi: "https://b"}`, ['5: region']],
    [`${LOGIN}\nendpoints: {}`, ['5: endpoints.api', '5: endpoints.oapi']],
  ])('an organization with %j', async (keys, expected) => {
    expect(await places(organization(keys))).toEqual(
      expected.map((place) => place.replace(/^(\d+): (?!organizations)/u, '$1: organizations[0].')),
    );
  });

  it.each([
    'https://token@gateway.example',
    'http://localhost.gateway.example',
    'http://127.0.0.1.gateway.example',
    'http://[::ffff:127.0.0.1]',
    'http://0.0.0.0',
    'https://gateway.example/#',
    'ftp://gateway.example',
    'https:gateway.example',
    'https:///gateway.example',
    'https://gate way.example',
    'https:\\\\\\\\gateway.example',
    'https://gateway.example:99999',
    '',
  ])('the endpoint %j', async (url) => {
    const text = around(`endpoints:\n  api: "${url}"\n  oapi: https://oapi.dingtalk.io`);
    expect(await places(text)).toEqual(['4: endpoints.api']);
  });

  it.each(['\x24{SECRET}', '$SECRET', '$(cat /run/secret)', '{{ secret }}', ' \x24{SECRET}\n'])(
    'the placeholder %j as an id and as a secret',
    async (placeholder) => {
      const text = JSON.stringify(placeholder);
      expect(await places(organization(`client_id: ${text}\nclient_secret: ${text}`))).toEqual([
        '3: organizations[0].client_id',
        '4: organizations[0].client_secret',
      ]);
    },
  );

  it.each(['a$b', '$ecret', 'x\x24{y}', '{{', '$'])('%j is a valid secret', async (text) => {
    expect(await places(organization(`access_token: ${JSON.stringify(text)}`))).toEqual([]);
  });

  it('all faults at once, in the order of the lines', async () => {
    const text = `organizations:
  - name: acme
    clientid: a
    client_secret: hush
    poll_interval: 30
  - name: acme
    access_token: \x24{TOKEN}
    poll_interval: 2h
  - name: {}
    access_token_file: missing
poll:
  retries: 99
  max_staleness: 1h
regoin: china
regoin: china
`;
    expect(await places(text)).toEqual([
      '3: organizations[0].clientid',
      '4: organizations[0].client_secret',
      '5: organizations[0].poll_interval',
      '6: organizations[1].name',
      '7: organizations[1].access_token',
      '9: organizations[2].name',
      '12: poll.retries',
      '13: poll.max_staleness',
      '14: regoin',
      '15: broken YAML',
    ]);
  });
});
