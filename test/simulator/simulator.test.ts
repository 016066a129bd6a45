import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../support/manual-clock.ts';
import { type Simulator, startSimulator } from './simulator.ts';

const INTERNAL = '/v1.0/oauth2/accessToken';
const THIRD_PARTY = '/v1.0/oauth2/dingcorp/token';
const WITH_TICKET = '/v1.0/oauth2/corpAccessToken';

let clock: ManualClock;
let simulator: Simulator;
beforeEach(async () => {
  clock = new ManualClock();
  simulator = await startSimulator({ clock });
  simulator.apps.addInternalApp({ appKey: 'key', appSecret: 'secret', employees: 100, active: 80 });
  simulator.apps.addThirdPartyApp({
    clientId: 'suite',
    clientSecret: 'secret',
    corpId: 'dingcorp',
    employees: 50,
    active: 40,
  });
  simulator.apps.addThirdPartyApp({
    clientId: 'ticketed',
    clientSecret: 'secret',
    corpId: 'dingcorp',
    suiteTicket: 'ticket',
    employees: 5,
    active: 4,
  });
});
afterEach(() => simulator.close());

async function post(path: string, type: string, body: string): Promise<{ status: number; body: unknown }> {
  const headers = { 'content-type': type };
  const answer = await fetch(simulator.origin + path, { method: 'POST', headers, body });
  return { status: answer.status, body: await answer.json() };
}

const fetchToken = (path: string, fields: object) => post(path, 'application/json', JSON.stringify(fields));

const count = (token: string, body: string) =>
  post(
    `/topapi/user/count?access_token=${encodeURIComponent(token)}`,
    'application/x-www-form-urlencoded',
    body,
  );

describe('the simulator answers as documented', () => {
  it.each([
    ['an internal app', INTERNAL, { appKey: 'key', appSecret: 'secret' }, 'accessToken', 'expireIn'],
    [
      'a third-party app',
      THIRD_PARTY,
      { client_id: 'suite', client_secret: 'secret', grant_type: 'client_credentials' },
      'access_token',
      'expires_in',
    ],
    [
      'a third-party app with a ticket',
      WITH_TICKET,
      { suiteKey: 'ticketed', suiteSecret: 'secret', authCorpId: 'dingcorp', suiteTicket: 'ticket' },
      'accessToken',
      'expireIn',
    ],
  ])(
    'to the token call of %s, and to any other call with 400',
    async (_title, path, fields, token, lifetime) => {
      expect(await fetchToken(path, fields)).toEqual({
        status: 200,
        body: { [token]: expect.any(String), [lifetime]: 7200 },
      });
      for (const name of Object.keys(fields).filter((each) => each !== 'authCorpId')) {
        expect(await fetchToken(path, { ...fields, [name]: 'wrong' })).toMatchObject({ status: 400 });
        expect(await fetchToken(path, { ...fields, [name]: undefined })).toMatchObject({ status: 400 });
      }
      expect(await fetchToken(path, { ...fields, more: 1 })).toMatchObject({ status: 400 });
    },
  );

  it('to a wrong corp id with 500 unknownError, and to unknown calls with 404', async () => {
    const fields = { client_id: 'suite', client_secret: 'secret', grant_type: 'client_credentials' };
    expect(await fetchToken('/v1.0/oauth2/dingother/token', fields)).toMatchObject({
      status: 500,
      body: { code: 'unknownError' },
    });
    expect(await fetchToken('/topapi/user/get', {})).toMatchObject({ status: 404 });
    expect((await fetch(simulator.origin + INTERNAL)).status).toBe(404);
  });

  it('to the counting call: false is everyone, true who has activated', async () => {
    const { body } = await fetchToken(INTERNAL, { appKey: 'key', appSecret: 'secret' });
    const token = String(Object.values(Object(body))[0]);
    const answered = (result: object) => ({ status: 200, body: expect.objectContaining(result) });
    const ok = { errcode: 0, errmsg: 'ok', request_id: expect.any(String) };
    expect(await count(token, 'only_active=false')).toEqual(answered({ ...ok, result: { count: 100 } }));
    expect(await count(token, 'only_active=true')).toEqual(answered({ ...ok, result: { count: 80 } }));
    expect(await count(token, '')).toEqual(answered({ errcode: 400002 }));
    expect(await count(token, 'only_active=maybe')).toEqual(answered({ errcode: 40035 }));
    expect(await count('unknown', 'only_active=true')).toEqual(answered({ errcode: 40014 }));
    clock.advance(7_200_000);
    expect(await count(token, 'only_active=true')).toEqual(answered({ errcode: 42001 }));
  });

  it('with the same token, extended, to an internal app, and with a new one to a third-party app', async () => {
    const internal = { appKey: 'key', appSecret: 'secret' };
    const first = await fetchToken(INTERNAL, internal);
    expect(await fetchToken(INTERNAL, internal)).toEqual(first);
    const suite = { client_id: 'suite', client_secret: 'secret', grant_type: 'client_credentials' };
    expect(await fetchToken(THIRD_PARTY, suite)).not.toEqual(await fetchToken(THIRD_PARTY, suite));
  });
});

it('imports nothing of the exporter but the type of its clock', () => {
  const folder = new URL('./', import.meta.url);
  const imported = readdirSync(folder)
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => [
      ...readFileSync(new URL(file, folder), 'utf8').matchAll(/\bfrom '([^']+)'|\bimport\(?\s*'([^']+)'/g),
    ])
    .map(([, name, other]) => name ?? other ?? '');
  expect(imported).toContain('../../src/clock.ts');
  expect(
    imported.filter((name) => !/^node:|^\.\/[a-z-]+\.ts$|^\.\.\/\.\.\/src\/clock\.ts$/.test(name)),
  ).toEqual([]);
});
