import { describe, expect, test } from 'vitest';
import { count, plant, send, sendJson, startForTest } from './client.ts';

const PEOPLE = { employees: 4, active: 3 };

describe('the token of an internal app', () => {
  const APP = { appKey: 'dingkey', appSecret: 'internal-secret', ...PEOPLE };
  const RIGHT = { appKey: 'dingkey', appSecret: 'internal-secret' };

  test('comes in the documented shape', async () => {
    const { simulator } = await startForTest();
    simulator.apps.addInternalApp(APP);
    const answer = await sendJson(`${simulator.origin}/v1.0/oauth2/accessToken`, RIGHT);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json;charset=UTF-8');
    expect(answer.text).toBe('{"accessToken":"simulated+token/000001=","expireIn":7200}');
  });

  test('is the same again, and lasts anew from then on', async () => {
    const { simulator, clock } = await startForTest();
    simulator.apps.addInternalApp(APP);
    const url = `${simulator.origin}/v1.0/oauth2/accessToken`;
    const first = await sendJson(url, RIGHT);
    clock.advance(7_000_000);
    expect((await sendJson(url, RIGHT)).text).toBe(first.text);
    clock.advance(7_199_999);
    expect((await count(simulator, 'simulated+token/000001=', false)).text).toContain('"errcode":0');
    clock.advance(1);
    expect((await count(simulator, 'simulated+token/000001=', false)).text).toContain('"errcode":42001');
  });

  test.each(['revoke', 'expire'] as const)('is a new one after a %s', async (how) => {
    const { simulator } = await startForTest();
    const organization = simulator.apps.addInternalApp(APP);
    const url = `${simulator.origin}/v1.0/oauth2/accessToken`;
    await sendJson(url, RIGHT);
    if (how === 'revoke') simulator.apps.revokeTokens(organization);
    else simulator.apps.expireTokens(organization);
    expect((await sendJson(url, RIGHT)).text).toContain('000002=');
    expect((await count(simulator, 'simulated+token/000001=', true)).text).toContain(
      how === 'revoke' ? '"errcode":40014' : '"errcode":42001',
    );
  });

  test('comes through the corp id too, where the app has one', async () => {
    const { simulator } = await startForTest();
    simulator.apps.addInternalApp({ ...APP, corpId: 'ding1' });
    const body = { client_id: 'dingkey', client_secret: 'internal-secret', grant_type: 'client_credentials' };
    expect((await sendJson(`${simulator.origin}/v1.0/oauth2/ding1/token`, body)).text).toBe(
      '{"access_token":"simulated+token/000001=","expires_in":7200}',
    );
  });

  test('follows a rotated secret and a lifetime set by the test', async () => {
    const { simulator } = await startForTest();
    const organization = simulator.apps.addInternalApp(APP);
    organization.clientSecret = 'rotated';
    organization.tokenLifetime = 60_000;
    const url = `${simulator.origin}/v1.0/oauth2/accessToken`;
    expect((await sendJson(url, RIGHT)).status).toBe(400);
    expect((await sendJson(url, { ...RIGHT, appSecret: 'rotated' })).text).toContain('"expireIn":60}');
  });

  test.each([
    ['an unknown key', { ...RIGHT, appKey: 'other' }, 'invalidClientIdOrSecret'],
    ['a wrong secret', { ...RIGHT, appSecret: 'other' }, 'invalidClientIdOrSecret'],
    ['no secret', { appKey: 'dingkey' }, 'missingParameter'],
    ['a secret that is no text', { appKey: 'dingkey', appSecret: 1 }, 'missingParameter'],
    ['a field too many', { ...RIGHT, client_id: 'dingkey' }, 'invalidParameter'],
    ['an array', [], 'invalidBody'],
  ])('is refused for %s', async (_, body, code) => {
    const { simulator } = await startForTest();
    simulator.apps.addInternalApp(APP);
    const answer = await sendJson(`${simulator.origin}/v1.0/oauth2/accessToken`, body);
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(
      new RegExp(`^\\{"code":"${code}","message":"[^"]+","requestid":"sim000000001"\\}$`),
    );
  });

  test('is refused for a body that is not declared as JSON', async () => {
    const { simulator } = await startForTest();
    simulator.apps.addInternalApp(APP);
    const url = `${simulator.origin}/v1.0/oauth2/accessToken`;
    expect((await send(url, { body: JSON.stringify(RIGHT) })).text).toContain('invalidBody');
    expect((await send(url, { body: new URLSearchParams(RIGHT) })).text).toContain('invalidBody');
  });
});

describe('the token of a third-party app by corp id', () => {
  const APP = { clientId: 'suite', clientSecret: 'suite-secret', corpId: 'ding1', ...PEOPLE };
  const RIGHT = { client_id: 'suite', client_secret: 'suite-secret', grant_type: 'client_credentials' };

  test('comes in the documented shape, a new one each time, the old one gone', async () => {
    const { simulator } = await startForTest();
    simulator.apps.addThirdPartyApp(APP);
    const url = `${simulator.origin}/v1.0/oauth2/ding1/token`;
    expect((await sendJson(url, RIGHT)).text).toBe(
      '{"access_token":"simulated+token/000001=","expires_in":7200}',
    );
    expect((await sendJson(url, RIGHT)).text).toContain('000002=');
    expect((await count(simulator, 'simulated+token/000001=', true)).text).toContain('"errcode":40014');
    expect((await count(simulator, 'simulated+token/000002=', true)).text).toContain('"count":3');
  });

  test('lets the old one live where the test says so', async () => {
    const { simulator } = await startForTest();
    simulator.apps.addThirdPartyApp(APP).keepsOldTokens = true;
    const url = `${simulator.origin}/v1.0/oauth2/ding1/token`;
    await sendJson(url, RIGHT);
    await sendJson(url, RIGHT);
    expect((await count(simulator, 'simulated+token/000001=', true)).text).toContain('"count":3');
  });

  test('belongs to the organization of the path', async () => {
    const { simulator } = await startForTest();
    simulator.apps.addThirdPartyApp(APP);
    simulator.apps.addThirdPartyApp({ ...APP, corpId: 'ding/ 2', employees: 9 });
    await sendJson(`${simulator.origin}/v1.0/oauth2/ding%2F%202/token`, RIGHT);
    expect((await count(simulator, 'simulated+token/000001=', false)).text).toContain('"count":9');
  });

  test.each([
    ['a wrong corp id', 'ding9', RIGHT, 500, 'unknownError'],
    ['a wrong secret', 'ding1', { ...RIGHT, client_secret: 'x' }, 400, 'invalidClientIdOrSecret'],
    ['an unknown client id', 'ding1', { ...RIGHT, client_id: 'x' }, 400, 'invalidClientIdOrSecret'],
    ['a wrong secret and a wrong corp id', 'ding9', { ...RIGHT, client_secret: 'x' }, 400, 'invalidClientId'],
    ['another grant type', 'ding1', { ...RIGHT, grant_type: 'password' }, 400, 'unsupportedGrantType'],
    ['no grant type', 'ding1', { ...RIGHT, grant_type: undefined }, 400, 'missingParameter'],
  ])('is refused for %s', async (_, corpId, body, status, code) => {
    const { simulator } = await startForTest();
    simulator.apps.addThirdPartyApp(APP);
    const answer = await sendJson(`${simulator.origin}/v1.0/oauth2/${corpId}/token`, body);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(`{"code":"${code}`);
  });

  test('is not to be had by the calls of other apps', async () => {
    const { simulator } = await startForTest();
    simulator.apps.addThirdPartyApp(APP);
    const body = { appKey: 'suite', appSecret: 'suite-secret' };
    const answer = await sendJson(`${simulator.origin}/v1.0/oauth2/accessToken`, body);
    expect(answer.text).toContain('invalidClientIdOrSecret');
  });
});

describe('the token of a third-party app with a suite ticket', () => {
  const APP = {
    clientId: 'suite',
    clientSecret: 'secret',
    corpId: 'ding1',
    suiteTicket: 'ticket',
    ...PEOPLE,
  };
  const RIGHT = { suiteKey: 'suite', suiteSecret: 'secret', authCorpId: 'ding1', suiteTicket: 'ticket' };

  test('comes in the documented shape', async () => {
    const { simulator } = await startForTest();
    simulator.apps.addThirdPartyApp(APP);
    const answer = await sendJson(`${simulator.origin}/v1.0/oauth2/corpAccessToken`, RIGHT);
    expect([answer.status, answer.text]).toEqual([
      200,
      '{"accessToken":"simulated+token/000001=","expireIn":7200}',
    ]);
  });

  test('wants the ticket of the day', async () => {
    const { simulator } = await startForTest();
    const organization = simulator.apps.addThirdPartyApp(APP);
    organization.suiteTicket = 'fresh';
    const url = `${simulator.origin}/v1.0/oauth2/corpAccessToken`;
    const stale = await sendJson(url, RIGHT);
    expect([stale.status, JSON.parse(stale.text).code]).toEqual([400, 'invalidSuiteTicket']);
    expect((await sendJson(url, { ...RIGHT, suiteTicket: 'fresh' })).status).toBe(200);
  });

  test.each([
    ['a wrong secret', { ...RIGHT, suiteSecret: 'x' }, 400, 'invalidClientIdOrSecret'],
    ['a wrong corp id', { ...RIGHT, authCorpId: 'x' }, 500, 'unknownError'],
    ['no ticket', { ...RIGHT, suiteTicket: '' }, 400, 'missingParameter'],
  ])('is refused for %s', async (_, body, status, code) => {
    const { simulator } = await startForTest();
    simulator.apps.addThirdPartyApp(APP);
    const answer = await sendJson(`${simulator.origin}/v1.0/oauth2/corpAccessToken`, body);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([status, code]);
  });
});

describe('the count', () => {
  test('comes in the documented shape: false is everyone, true who has activated', async () => {
    const { simulator } = await startForTest();
    const token = plant(simulator);
    const everyone = await count(simulator, token, false);
    expect(everyone.status).toBe(200);
    expect(everyone.headers.get('content-type')).toBe('application/json;charset=UTF-8');
    expect(everyone.text).toBe(
      '{"errcode":0,"errmsg":"ok","result":{"count":100},"request_id":"sim000000001"}',
    );
    expect((await count(simulator, token, true)).text).toBe(
      '{"errcode":0,"errmsg":"ok","result":{"count":80},"request_id":"sim000000002"}',
    );
  });

  test('follows the organization', async () => {
    const { simulator } = await startForTest();
    const organization = simulator.apps.addTokenOnly({ employees: 0, active: 0 });
    const token = simulator.apps.plantToken(organization, 'planted');
    expect((await count(simulator, token, false)).text).toContain('"count":0');
    organization.employees = 7;
    expect((await count(simulator, token, false)).text).toContain('"count":7');
  });

  test('takes the token and only_active in the body, as the example of the documentation sends them', async () => {
    const { simulator } = await startForTest();
    plant(simulator);
    const answer = await send(`${simulator.origin}/topapi/user/count`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' },
      body: 'access_token=planted&only_active=false',
    });
    expect(answer.text).toContain('"count":100');
  });

  test('takes JSON', async () => {
    const { simulator } = await startForTest();
    plant(simulator);
    const url = `${simulator.origin}/topapi/user/count?access_token=planted`;
    expect((await sendJson(url, { only_active: true })).text).toContain('"count":80');
    expect((await sendJson(url, { only_active: false })).text).toContain('"count":100');
    expect((await sendJson(url, { only_active: 'false' })).text).toContain('"errcode":40035');
    expect((await sendJson(url, {})).text).toContain('"errcode":400002');
  });

  test.each([
    ['no only_active', '', 400002, 'Parameter is empty'],
    ['an empty only_active', 'only_active=', 400002, 'Parameter is empty'],
    ['a wrong only_active', 'only_active=1', 40035, 'Invalid parameter'],
  ])('is refused for %s', async (_, body, code, message) => {
    const { simulator } = await startForTest();
    plant(simulator);
    const answer = await send(`${simulator.origin}/topapi/user/count?access_token=planted`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });
    expect([answer.status, answer.text]).toEqual([
      200,
      `{"errcode":${code},"errmsg":"${message}","request_id":"sim000000001"}`,
    ]);
  });

  test('is refused for a body of another type', async () => {
    const { simulator } = await startForTest();
    plant(simulator);
    const answer = await send(`${simulator.origin}/topapi/user/count?access_token=planted`, {
      headers: { 'content-type': 'text/plain' },
      body: 'only_active=true',
    });
    expect(answer.text).toContain('"errcode":400002');
  });

  test('is refused without a token, and with one that is unknown', async () => {
    const { simulator } = await startForTest();
    for (const query of ['', '?access_token=', '?access_token=nobody']) {
      const answer = await send(`${simulator.origin}/topapi/user/count${query}`, {
        body: new URLSearchParams({ only_active: 'true' }),
      });
      expect(answer.status).toBe(200);
      expect(answer.text).toContain('{"errcode":40014,"errmsg":"Invalid access_token","request_id":"sim');
    }
  });

  test('is refused with a token whose time has run out', async () => {
    const { simulator, clock } = await startForTest();
    const organization = simulator.apps.addTokenOnly({ employees: 4, active: 3 });
    simulator.apps.plantToken(organization, 'planted', 1000);
    clock.advance(999);
    expect((await count(simulator, 'planted', true)).text).toContain('"errcode":0');
    clock.advance(1);
    expect((await count(simulator, 'planted', true)).text).toBe(
      '{"errcode":42001,"errmsg":"access_token expired","request_id":"sim000000002"}',
    );
  });

  test('does not care about a wall clock that jumps', async () => {
    const { simulator, clock } = await startForTest();
    const token = plant(simulator);
    clock.stepWallClock(10 * 86_400_000);
    expect((await count(simulator, token, true)).text).toContain('"errcode":0');
  });
});
