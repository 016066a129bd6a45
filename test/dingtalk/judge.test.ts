import { describe, expect, it } from 'vitest';
import { hintText } from '../../src/dingtalk/hints.ts';
import { judge } from '../../src/dingtalk/judge.ts';
import type { Endpoint } from '../../src/dingtalk/reason.ts';

/** What the operator is told to do about an answer. */
function hintOf(endpoint: Endpoint, host: string, status: number, body: object): string {
  const answer = { status, headers: {}, text: JSON.stringify(body) };
  const judgement = judge(answer, { endpoint, host, secrets: [], wallTime: 0 });
  if (judgement.kind !== 'failure') throw new Error('the answer is no failure');
  return hintText(judgement.failure);
}

const INVALID_CLIENT = { code: 'invalidClientIdOrSecret', message: 'no' };

describe('the hint', () => {
  it.each([
    ['api.dingtalk.io', 'needs region: china'],
    ['api.dingtalk.com', 'needs region: international'],
    ['gateway.example:8443', 'international or china: check that the endpoints'],
  ])('names the region to try where credentials are refused by %s', (host, words) => {
    expect(hintOf('token', host, 400, INVALID_CLIENT)).toContain(words);
  });

  it('speaks of the access token itself only where one was refused', () => {
    const refused = hintOf('user_count', 'oapi.dingtalk.io', 200, { errcode: 40014, errmsg: 'no' });
    expect(refused).toMatch(/^replace the access token if one is configured; else check the client id/u);
    expect(hintOf('token', 'api.dingtalk.io', 400, INVALID_CLIENT)).toMatch(/^check the client id/u);
  });

  it.each([
    ['errcode 60011', 200, { errcode: 60011, errmsg: 'no' }],
    ['HTTP 403', 403, { code: 'Forbidden.AccessDenied.AccessTokenPermissionDenied', message: 'no' }],
  ])('names the permission that is missing: %s', (_title, status, body) => {
    expect(hintOf('user_count', 'oapi.dingtalk.io', status, body)).toContain('qyapi_get_member');
  });

  it.each([
    ['errcode 60020', 200, { errcode: 60020, errmsg: '访问ip不在白名单之中,request ip=203.0.113.9' }],
    [
      'errcode 60020 in a wrapped error',
      200,
      { errcode: 88, sub_code: '60020', sub_msg: 'request ip=2001:db8::9 is not in the whitelist' },
    ],
    ['HTTP 403', 403, { code: 'Forbidden.AccessDenied.IpNotInWhiteList', message: 'ip 203.0.113.9' }],
  ])('names the address to allow: %s', (_title, status, body) => {
    expect(hintOf('user_count', 'oapi.dingtalk.io', status, body)).toMatch(
      /add (203\.0\.113\.9|2001:db8::9) to/u,
    );
  });

  it('names the corp id where DingTalk says unknownError to a token call', () => {
    expect(hintOf('token', 'api.dingtalk.io', 500, { code: 'unknownError', message: 'no' })).toContain(
      'wrong corp id: check it',
    );
  });
});
