import { describe, expect, it } from 'vitest';
import { VARIABLES, variablesThatAreSet } from '../../src/config/environment.ts';
import { KEYS } from '../../src/config/schema.ts';
import { configurationIn, load, loadText, temporaryFolder } from './support.ts';

const APP = { DINGTALK_CLIENT_ID: 'dingabc', DINGTALK_CLIENT_SECRET: 'hush' };
const folder = temporaryFolder();
const NAMES = VARIABLES.map(({ variable }) => variable);

const read = async (environment: Record<string, string>) => configurationIn(await load({}, environment));

/** The variables that the faults name. */
async function faultyVariables(environment: Record<string, string>): Promise<string[]> {
  return (await load({}, environment)).faults.map((fault) => fault.replace(/: .*/u, ''));
}

describe('a configuration of the environment', () => {
  it('has the defaults of a file', async () => {
    const text = 'organizations: [{name: default, client_id: dingabc, client_secret: hush}]';
    expect(await read(APP)).toEqual(configurationIn(await loadText(folder, text)));
  });

  it('has every setting of a file', async () => {
    const environment = {
      ...APP,
      DINGTALK_ORGANIZATION: '示例公司',
      DINGTALK_REGION: 'china',
      DINGTALK_POLL_INTERVAL: '2m',
      DINGTALK_FAILURE_INTERVAL: '1m',
      DINGTALK_POLL_TIMEOUT: '20s',
      DINGTALK_REQUEST_TIMEOUT: '3s',
      DINGTALK_RETRIES: '0',
      DINGTALK_MAX_STALENESS: '1h',
      DINGTALK_RATE_LIMIT: '7',
      DINGTALK_CONCURRENCY: '8',
    };
    const text = `
region: china
poll: {interval: 2m, failure_interval: 1m, timeout: 20s, request_timeout: 3s, retries: 0, max_staleness: 1h,
  rate_limit: 7, concurrency: 8}
organizations: [{name: 示例公司, client_id: dingabc, client_secret: hush}]`;
    expect(await read(environment)).toEqual(configurationIn(await loadText(folder, text)));
  });

  it('has a variable for every key of poll and of an organization', () => {
    const without = (part: 'poll' | 'organizations' | 'endpoints') =>
      Array.from(KEYS[part]).flatMap(([key, { variable }]) => (variable === undefined ? [key] : []));
    expect(without('poll')).toEqual([]);
    expect(without('endpoints')).toEqual([]);
    expect(without('organizations')).toEqual(['endpoints', 'poll_interval']);
    expect(new Set(NAMES).size).toBe(NAMES.length);
  });

  it('has endpoints instead of a region', async () => {
    const urls = { DINGTALK_API_URL: 'http://127.0.0.1:1/', DINGTALK_OAPI_URL: 'https://oapi.example/x/' };
    expect((await read({ ...APP, ...urls })).organizations[0]?.endpoints).toEqual({
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
      { DINGTALK_CLIENT_ID: 'a', DINGTALK_CLIENT_SECRET_FILE: 'secrets/s', DINGTALK_CORP_ID: 'c' },
      { kind: 'third_party_app', corpId: 'c', clientSecret: { kind: 'file', path: 'secrets/s' } },
    ],
    [
      { ...APP, DINGTALK_CORP_ID: 'c', DINGTALK_SUITE_TICKET_FILE: '/t' },
      { kind: 'third_party_app_with_ticket', corpId: 'c', suiteTicket: { kind: 'file', path: '/t' } },
    ],
    [{ DINGTALK_ACCESS_TOKEN: 't' }, { kind: 'access_token', accessToken: { kind: 'inline', value: 't' } }],
  ])('has the credentials %j', async (environment, credentials) => {
    expect((await read(environment)).organizations[0]?.credentials).toMatchObject(credentials);
  });

  it('ignores an empty variable', async () => {
    const empty = Object.fromEntries(NAMES.map((variable) => [variable, '']));
    expect(await read({ ...empty, ...APP })).toEqual(await read(APP));
    expect(variablesThatAreSet({ ...empty, ...APP })).toEqual(Object.keys(APP));
  });
});

describe('a fault of the environment names its variable', () => {
  it.each<[Record<string, string>, string[]]>([
    [{ DINGTALK_REGION: 'china', DINGTALK_ORGANIZATION: 'acme' }, ['nothing to poll']],
    [{ DINGTALK_APP_SECRET: 'hush' }, ['DINGTALK_APP_SECRET']],
    [{ ...APP, DINGTALK_ACCESS_TOKEN: 'hush' }, ['DINGTALK_ACCESS_TOKEN']],
    [{ ...APP, DINGTALK_OAPI_URL: 'https://b' }, ['DINGTALK_API_URL']],
    [{ ...APP, DINGTALK_MAX_STALENESS: '5m' }, ['DINGTALK_MAX_STALENESS']],
    [
      { ...APP, DINGTALK_RETRIES: '1.5', DINGTALK_RATE_LIMIT: '0', DINGTALK_POLL_INTERVAL: '30' },
      ['DINGTALK_POLL_INTERVAL', 'DINGTALK_RETRIES', 'DINGTALK_RATE_LIMIT'],
    ],
    [
      { DINGTALK_CLIENT_ID: 'ding abc', DINGTALK_CLIENT_SECRET: ' ', DINGTALK_ORGANIZATION: 'ac\nme' },
      ['DINGTALK_ORGANIZATION', 'DINGTALK_CLIENT_ID', 'DINGTALK_CLIENT_SECRET'],
    ],
  ])('%j', async (environment, variables) => {
    expect(await faultyVariables(environment)).toEqual(variables);
  });
});

describe('a misspelt variable', () => {
  it.each([
    ['DINGTALK_ACESS_TOKEN', 'DINGTALK_ACCESS_TOKEN'],
    ['DINGTALK_Max_Stalenes', 'DINGTALK_MAX_STALENESS'],
  ])('%s is a warning', async (variable, meant) => {
    const { configuration, warnings } = await load({}, { ...APP, [variable]: 'x' });
    expect(configuration).toEqual(await read(APP));
    expect(warnings).toEqual([`${variable}: unknown variable: did you mean ${meant}?`]);
  });

  it('is a fault together with the faults that it causes', async () => {
    const environment = { DINGTALK_CLIENTID: 'a', DINGTALK_CLIENT_SECRET: 'hush' };
    expect(await faultyVariables(environment)).toEqual(['DINGTALK_CLIENT_SECRET', 'DINGTALK_CLIENTID']);
  });

  it('is not a variable of another program, of a flag or of Kubernetes', async () => {
    const injected = ['DINGTALK', 'DINGTALK_HEADCOUNT_EXPORTER', 'DINGTALK_API'].flatMap((service) => [
      `${service}_SERVICE_HOST`,
      `${service}_SERVICE_PORT_METRICS`,
      `${service}_PORT`,
      `${service}_PORT_10210_TCP_ADDR`,
    ]);
    const others = ['DINGTALK_EXPORTER_CLIENT_ID', 'DINGTALK_WEBHOOK', 'DINGTALK_TOKEN', 'CLIENT_ID'];
    const environment = Object.fromEntries([...injected, ...others].map((variable) => [variable, 'x']));
    expect(await load({}, { ...environment, ...APP, DINGTALK_CLIENTID: '' })).toEqual(await load({}, APP));
  });
});
