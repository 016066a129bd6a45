import { describe, expect, it } from 'vitest';
import { parseFlags } from '../../src/config/flags.ts';
import { around, LOGIN, load, loadText, organization, temporaryFolder } from './support.ts';

// Messages in full, except those of broken YAML; the tests of a part compare the places of other faults.

const folder = temporaryFolder();

describe('a fault in a configuration file', () => {
  it.each<[text: string, fault: string]>([
    ['', '1: is empty: it needs the key organizations'],
    ['hello', '1: is text, but a map is expected'],
    ['- a', '1: is a list, but a map is expected'],
    ['region: china', '1: organizations: is missing'],
    ['organizations: []', '1: organizations: is empty: at least one is needed'],
    ['organizations: {}', '1: organizations: is a map, but a list is expected'],
    [around('poll:'), '3: poll: has no value: write one, or remove the key'],
    [around('pol: {}'), '3: pol: unknown key: did you mean poll?'],
    [around('proxy: x'), '3: proxy: unknown key (known keys: region, endpoints, poll, organizations)'],
    [
      organization(`${LOGIN}\nclientSecret: x`),
      '5: organizations[0].clientSecret: unknown key: did you mean client_secret?',
    ],
    [around('region: cn'), '3: region: "cn" is not a region: write international or china'],
    [around('region: 5'), '3: region: is a number, but text is expected: put it in quotes'],
    [
      around('endpoints: {api: "https://a"}'),
      '3: endpoints.oapi: is missing: set both api and oapi, or neither',
    ],
    [
      around('region: china\nendpoints: {api: "https://a", oapi: "https://b"}'),
      '3: region: conflicts with endpoints: keep one of the two',
    ],
    [
      `organizations:\n${'  - {name: acme, access_token: a}\n'.repeat(2)}`,
      '3: organizations[1].name: "acme" is the name of organizations[0] already',
    ],
    [
      'organizations: [{name: acme, access_token: a, poll_interval: 2h}]\npoll: {max_staleness: 1h}\n',
      '2: poll.max_staleness: 3600s is shorter than the longest poll interval, 7200s: headcounts would be dropped between polls',
    ],
    [
      'organizations: [{name: acme, access_token: a, poll_interval: 1s}]\npoll: {rate_limit: 1}\n',
      '2: poll.rate_limit: 1 organization needs 2 calls a second, rate_limit is 1: raise it or lengthen poll.interval',
    ],
  ])('%j', async (text, fault) => {
    expect((await loadText(folder, text)).faults).toEqual([fault]);
  });

  it.each([
    ['interval: 0', 'interval: "0" is too short: the minimum is 1s'],
    ['interval: 30d', 'interval: "30d" is too long: the maximum is 7d'],
    [
      'interval: 30',
      'interval: "30" is not a duration: write whole numbers with units, such as 30s, 5m or 1h30m',
    ],
    ['interval: true', 'interval: is true or false, but a duration is expected'],
    ['retries: 11', 'retries: "11" is not a whole number from 0 to 10'],
    ['retries: []', 'retries: is a list, but a whole number from 0 to 10 is expected'],
  ])('poll: %s', async (line, fault) => {
    expect((await loadText(folder, around(`poll:\n  ${line}`))).faults).toEqual([`4: poll.${fault}`]);
  });

  it.each([
    ['name: ""', 'is empty: it is the value of the label organization'],
    ['name: "a\\0"', 'has a control character or a lone surrogate'],
    [`name: "${'x'.repeat(129)}"`, 'has 129 characters: at most 128'],
  ])('%s', async (name, message) => {
    const { faults } = await loadText(folder, `organizations: [{access_token: a, ${name}}]`);
    expect(faults).toEqual([`1: organizations[0].name: ${message}`]);
  });

  it.each([
    [
      'poll_interval: 1m',
      '2: organizations[0]: has no credentials: set client_id and client_secret_file, or access_token_file',
    ],
    ['client_id: a', '3: organizations[0].client_id: needs client_secret or client_secret_file'],
    ['client_secret: a', '3: organizations[0].client_secret: needs client_id'],
    [`${LOGIN}\nsuite_ticket_file: a`, '5: organizations[0].suite_ticket_file: needs corp_id'],
    [`${LOGIN}\napp_key: a`, '5: organizations[0].app_key: conflicts with client_id: keep one of the two'],
    [
      `${LOGIN}\naccess_token: a`,
      '5: organizations[0].access_token: conflicts with client_id: an organization has one kind of credentials',
    ],
    [
      'access_token: ""',
      '3: organizations[0].access_token: is empty: write the secret, or name a file that holds it',
    ],
    [
      'access_token: $TOKEN',
      '3: organizations[0].access_token: is a placeholder, which is not expanded: write the secret, or name a file that holds it',
    ],
    [
      'access_token: "a\\0"',
      '3: organizations[0].access_token: has characters that no DingTalk secret has: copy it again',
    ],
    ['access_token_file: ""', '3: organizations[0].access_token_file: is empty: write the path of a file'],
    [`${LOGIN}\ncorp_id: ""`, '5: organizations[0].corp_id: is empty: copy it from the developer console'],
    [
      `${LOGIN}\ncorp_id: a b`,
      '5: organizations[0].corp_id: has characters that no DingTalk id has: copy it again from the developer console',
    ],
  ])('%j', async (keys, fault) => {
    expect((await loadText(folder, organization(keys))).faults).toEqual([fault]);
  });

  it.each([
    [
      'https://user@a.example',
      'has credentials in it: the credentials of the app are keys of the organization',
    ],
    [
      'http://a.example',
      'sends secrets over plain http: write https (http is for localhost, 127.0.0.0/8 and [::1] only)',
    ],
    ['https://a.example?b', 'has a query or a fragment: write scheme, host and path only'],
    ['a.example', 'is not an absolute URL: write it like https://api.dingtalk.io'],
  ])('the endpoint %s', async (url, message) => {
    const text = around(`endpoints: {api: "${url}", oapi: "https://b.example"}`);
    expect((await loadText(folder, text)).faults).toEqual([`3: endpoints.api: ${message}`]);
  });

  it('a missing file', async () => {
    const configFile = `${folder.path}/missing.yml`;
    const { faults } = await load({ configFile });
    expect(faults).toEqual([`${configFile}:1: configuration file: it does not exist`]);
  });
});

describe('a fault of the environment', () => {
  const APP = { DINGTALK_CLIENT_ID: 'a', DINGTALK_CLIENT_SECRET: 'b' };

  it.each<[Record<string, string>, string]>([
    [
      {},
      'nothing to poll: set DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET (or DINGTALK_ACCESS_TOKEN), or give --config.file=PATH, or try --demo',
    ],
    [
      { DINGTALK_CLIENT_ID: 'a' },
      'DINGTALK_CLIENT_ID: needs DINGTALK_CLIENT_SECRET or DINGTALK_CLIENT_SECRET_FILE',
    ],
    [{ ...APP, DINGTALK_SUITE_TICKET_FILE: '/t' }, 'DINGTALK_SUITE_TICKET_FILE: needs DINGTALK_CORP_ID'],
    [
      { ...APP, DINGTALK_APP_KEY: 'b' },
      'DINGTALK_APP_KEY: conflicts with DINGTALK_CLIENT_ID: keep one of the two',
    ],
    [
      { ...APP, DINGTALK_REGION: 'china', DINGTALK_API_URL: 'https://a', DINGTALK_OAPI_URL: 'https://b' },
      'DINGTALK_REGION: conflicts with DINGTALK_API_URL and DINGTALK_OAPI_URL: keep one of the two',
    ],
    [
      { ...APP, DINGTALK_POLL_INTERVAL: '1s', DINGTALK_RATE_LIMIT: '1' },
      'DINGTALK_RATE_LIMIT: 1 organization needs 2 calls a second, DINGTALK_RATE_LIMIT is 1: raise it or lengthen DINGTALK_POLL_INTERVAL',
    ],
  ])('%j', async (environment, fault) => {
    expect((await load({}, environment)).faults).toEqual([fault]);
  });

  it('two sources', async () => {
    const configFile = folder.write('good.yml', around(''));
    expect((await load({ configFile }, APP)).faults).toEqual([
      `DINGTALK_CLIENT_ID, DINGTALK_CLIENT_SECRET: set together with --config.file=${configFile}: use one source of configuration`,
    ]);
  });
});

describe('a fault of a flag', () => {
  it.each([
    ['--config-file=x', 'unknown flag "--config-file": did you mean --config.file?'],
    ['--client_secret=hush', 'unknown flag "--client_secret": see --help'],
    ['--help=1', '--help: takes no value'],
    ['x.yml', 'unexpected argument "x.yml": every setting is a flag, see --help'],
    ['--config.file', '--config.file: needs a value'],
    ['--once=yes', '--once: "yes" is not one of true, false'],
    ['--log.level=wran', '--log.level: "wran" is not one of debug, info, warn, error: did you mean warn?'],
    ['--shard=3/3', '--shard: "3/3" is not I/N with 0 <= I < N and N at most 10000, such as 0/3'],
    [
      '--web.telemetry-path=/-/x',
      '--web.telemetry-path: "/-/x" is reserved: paths under /-/ are for health and reload',
    ],
    [
      '--web.telemetry-path=metrics',
      '--web.telemetry-path: "metrics" is not a path such as /metrics, of letters, digits and . _ ~ - only',
    ],
  ])('%s', (argument, message) => {
    expect(parseFlags([argument], {})).toEqual({ kind: 'fault', message });
  });
});
