import { describe, expect, it } from 'vitest';
import {
  loadEnvironment,
  ORGANIZATION_VARIABLES,
  variablesThatAreSet,
} from '../../src/config/environment.ts';
import { ORGANIZATION_KEYS } from '../../src/config/key-table.ts';

const APP = { DINGTALK_CLIENT_ID: 'dingabc', DINGTALK_CLIENT_SECRET: 'hush' };

const WAYS_TO_START =
  'nothing to poll: set DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET (or DINGTALK_ACCESS_TOKEN), ' +
  'or give --config.file=PATH, or try --demo';

function organizationOf(environment: Record<string, string>) {
  const loaded = loadEnvironment(environment);
  if (loaded.kind === 'faults') throw new Error(loaded.faults.join('\n'));
  expect(loaded.configuration.organizations).toHaveLength(1);
  return loaded.configuration.organizations[0];
}

function faultsOf(environment: Record<string, string>): readonly string[] {
  const loaded = loadEnvironment(environment);
  return loaded.kind === 'faults' ? loaded.faults : [];
}

describe('an organization of the environment', () => {
  it('has the defaults of the file', () => {
    expect(loadEnvironment(APP)).toEqual({
      kind: 'configuration',
      configuration: {
        poll: { timeout: 60_000, requestTimeout: 10_000, retries: 3, rateLimit: 20, concurrency: 50 },
        organizations: [
          {
            name: 'default',
            endpoints: { api: 'https://api.dingtalk.io', oapi: 'https://oapi.dingtalk.io' },
            credentials: {
              kind: 'internal_app',
              clientId: 'dingabc',
              clientSecret: { kind: 'inline', value: 'hush' },
            },
            pollInterval: 1_800_000,
            failureInterval: 300_000,
            maxStaleness: 5_460_000,
          },
        ],
      },
      secretFiles: [],
    });
  });

  it('takes a name, a region and an interval', () => {
    const organization = organizationOf({
      ...APP,
      DINGTALK_ORGANIZATION: '示例公司',
      DINGTALK_REGION: 'china',
      DINGTALK_POLL_INTERVAL: '1m',
    });
    expect(organization).toMatchObject({
      name: '示例公司',
      endpoints: { api: 'https://api.dingtalk.com', oapi: 'https://oapi.dingtalk.com' },
      pollInterval: 60_000,
      failureInterval: 60_000,
      maxStaleness: 240_000,
    });
  });

  it('takes endpoints instead of a region', () => {
    const urls = { DINGTALK_API_URL: 'http://127.0.0.1:1/', DINGTALK_OAPI_URL: 'https://oapi.example/x/' };
    expect(organizationOf({ ...APP, ...urls })?.endpoints).toEqual({
      api: 'http://127.0.0.1:1',
      oapi: 'https://oapi.example/x',
    });
  });

  it.each([
    [
      { DINGTALK_APP_KEY: 'a', DINGTALK_APP_SECRET: 's' },
      { kind: 'internal_app', clientId: 'a', clientSecret: { kind: 'inline', value: 's' } },
    ],
    [
      { DINGTALK_CLIENT_ID: 'a', DINGTALK_CLIENT_SECRET_FILE: 'secrets/s' },
      { kind: 'internal_app', clientId: 'a', clientSecret: { kind: 'file', path: 'secrets/s' } },
    ],
    [
      { DINGTALK_CLIENT_ID: 'a', DINGTALK_APP_SECRET_FILE: '/s', DINGTALK_CORP_ID: 'c' },
      { kind: 'third_party_app', corpId: 'c', clientId: 'a', clientSecret: { kind: 'file', path: '/s' } },
    ],
    [
      {
        DINGTALK_CLIENT_ID: 'a',
        DINGTALK_CLIENT_SECRET: 's',
        DINGTALK_CORP_ID: 'c',
        DINGTALK_SUITE_TICKET_FILE: '/t',
      },
      {
        kind: 'third_party_app_with_ticket',
        corpId: 'c',
        clientId: 'a',
        clientSecret: { kind: 'inline', value: 's' },
        suiteTicket: { kind: 'file', path: '/t' },
      },
    ],
    [{ DINGTALK_ACCESS_TOKEN: 't' }, { kind: 'access_token', accessToken: { kind: 'inline', value: 't' } }],
    [
      { DINGTALK_ACCESS_TOKEN_FILE: '/t' },
      { kind: 'access_token', accessToken: { kind: 'file', path: '/t' } },
    ],
  ])('takes the credentials %j', (environment, credentials) => {
    expect(organizationOf(environment)?.credentials).toEqual(credentials);
  });

  it('names its secret files by variable', () => {
    const loaded = loadEnvironment({ DINGTALK_CLIENT_ID: 'a', DINGTALK_CLIENT_SECRET_FILE: 'secrets/s' });
    expect(loaded).toMatchObject({
      secretFiles: [{ organization: 'default', path: 'secrets/s', where: 'DINGTALK_CLIENT_SECRET_FILE' }],
    });
  });

  it('takes an empty variable for one that is not set', () => {
    const empty = Object.fromEntries(ORGANIZATION_VARIABLES.map((variable) => [variable, '']));
    expect(loadEnvironment({ ...empty, ...APP })).toEqual(loadEnvironment(APP));
    expect(variablesThatAreSet({ ...empty, ...APP })).toEqual([
      'DINGTALK_CLIENT_ID',
      'DINGTALK_CLIENT_SECRET',
    ]);
  });

  it('has a variable for every key of an organization, the endpoints being two', () => {
    expect(ORGANIZATION_KEYS.filter(({ variable }) => variable === undefined).map(({ key }) => key)).toEqual([
      'endpoints',
    ]);
    expect(new Set(ORGANIZATION_VARIABLES).size).toBe(ORGANIZATION_KEYS.length + 1);
  });
});

describe('what is wrong with the environment', () => {
  it.each<[Record<string, string>, string[]]>([
    [{}, [WAYS_TO_START]],
    [{ DINGTALK_REGION: 'china', DINGTALK_ORGANIZATION: 'acme' }, [WAYS_TO_START]],
    [
      { DINGTALK_CLIENT_ID: 'a' },
      ['DINGTALK_CLIENT_ID: is not enough: give DINGTALK_CLIENT_SECRET or DINGTALK_CLIENT_SECRET_FILE too'],
    ],
    [{ DINGTALK_APP_SECRET: 'hush' }, ['DINGTALK_APP_SECRET: is not enough: give DINGTALK_CLIENT_ID too']],
    [
      { ...APP, DINGTALK_SUITE_TICKET_FILE: '/t' },
      ['DINGTALK_CLIENT_ID: is not enough: give DINGTALK_CORP_ID too'],
    ],
    [
      { ...APP, DINGTALK_APP_KEY: 'b' },
      ['DINGTALK_APP_KEY: is given beside DINGTALK_CLIENT_ID: keep one of the two'],
    ],
    [
      { ...APP, DINGTALK_CLIENT_SECRET_FILE: '/s' },
      ['DINGTALK_CLIENT_SECRET_FILE: is given beside DINGTALK_CLIENT_SECRET: keep one of the two'],
    ],
    [
      { ...APP, DINGTALK_ACCESS_TOKEN: 'hush' },
      [
        'DINGTALK_ACCESS_TOKEN: is a second kind of credentials beside DINGTALK_CLIENT_ID: keep one of the two',
      ],
    ],
    [
      { ...APP, DINGTALK_REGION: 'china', DINGTALK_API_URL: 'https://a', DINGTALK_OAPI_URL: 'https://b' },
      ['DINGTALK_API_URL: is given beside DINGTALK_REGION: keep one of the two'],
    ],
    [
      { ...APP, DINGTALK_OAPI_URL: 'https://b' },
      ['DINGTALK_API_URL: is missing: both URLs are needed, or neither'],
    ],
    [
      { ...APP, DINGTALK_REGION: 'china', DINGTALK_OAPI_URL: 'https://b' },
      [
        'DINGTALK_API_URL: is missing: both URLs are needed, or neither',
        'DINGTALK_OAPI_URL: is given beside DINGTALK_REGION: keep one of the two',
      ],
    ],
    [
      {
        DINGTALK_CLIENT_ID: 'ding abc',
        DINGTALK_CLIENT_SECRET: ' ',
        DINGTALK_ORGANIZATION: 'ac\nme',
        DINGTALK_REGION: 'cn',
        DINGTALK_POLL_INTERVAL: '30',
      },
      [
        'DINGTALK_ORGANIZATION: has a control character (U+000A) at position 3: take it out',
        'DINGTALK_CLIENT_ID: has characters that no id of DingTalk has: copy it again from the developer console',
        'DINGTALK_CLIENT_SECRET: is empty: write the secret, or name a file that holds it',
        'DINGTALK_REGION: "cn" is no region: write international or china',
        'DINGTALK_POLL_INTERVAL: "30" has no unit: write a unit, such as 30s',
      ],
    ],
    [
      { ...APP, DINGTALK_API_URL: 'http://a.example', DINGTALK_OAPI_URL: 'https://user:password@b.example' },
      [
        'DINGTALK_API_URL: sends secrets over plain http: write https (http is for localhost, 127.0.0.0/8 and [::1] only)',
        'DINGTALK_OAPI_URL: has credentials in it: take them out (those of the app are keys of the organization)',
      ],
    ],
  ])('%j', (environment, faults) => {
    expect(faultsOf(environment)).toEqual(faults);
  });

  it('points at variables that are nearly ours, while that one is not set', () => {
    expect(faultsOf({ DINGTALK_CLIENTID: 'a', DINGTALK_CLIENT_SECRET: 'hush' })).toEqual([
      'DINGTALK_CLIENTID: unknown variable: did you mean DINGTALK_CLIENT_ID?',
      'DINGTALK_CLIENT_SECRET: is not enough: give DINGTALK_CLIENT_ID too',
    ]);
    expect(faultsOf({ DINGTALK_ACESS_TOKEN: 'hush' })).toEqual([
      'DINGTALK_ACESS_TOKEN: unknown variable: did you mean DINGTALK_ACCESS_TOKEN?',
      WAYS_TO_START,
    ]);
    expect(faultsOf({ ...APP, DINGTALK_POLL_INTERVALL: '1m' })).toEqual([
      'DINGTALK_POLL_INTERVALL: unknown variable: did you mean DINGTALK_POLL_INTERVAL?',
    ]);
  });

  it('leaves the variables of others alone', () => {
    const others = {
      DINGTALK_CLIENTID: 'set beside the right one',
      DINGTALK_EXPORTER_CLIENT_ID: 'a flag, or Kubernetes',
      DINGTALK_PORT: 'tcp://10.0.0.1:80',
      DINGTALK_SERVICE_HOST: '10.0.0.1',
      DINGTALK_PORT_80_TCP_ADDR: '10.0.0.1',
      DINGTALK_WEBHOOK: 'https://example',
      DINGTALK_TOKEN: 'another program',
      DINGTALK_CORP: '',
      CLIENT_ID: 'x',
    };
    expect(loadEnvironment({ ...others, ...APP })).toEqual(loadEnvironment(APP));
  });
});
