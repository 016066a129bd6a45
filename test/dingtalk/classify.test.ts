import { describe, expect, it } from 'vitest';
import { successBody } from '../../src/dingtalk/classify.ts';
import { DingTalkError } from '../../src/dingtalk/dingtalk-error.ts';
import { hintText } from '../../src/dingtalk/hints.ts';
import type { Endpoint } from '../../src/dingtalk/reason.ts';

/** The hint of the log line for an answer. */
function hintOf(endpoint: Endpoint, host: string, status: number, body: object): string {
  const answer = { status, headers: {}, text: JSON.stringify(body) };
  try {
    successBody(answer, { endpoint, host, redact: (text) => text, wallTime: 0 });
  } catch (error) {
    if (error instanceof DingTalkError) return hintText(error.failure);
    throw error;
  }
  throw new Error('the answer is not a failure');
}

const INVALID_CLIENT = { code: 'invalidClientIdOrSecret', message: 'no' };

describe('the hint', () => {
  const OF_INTERNATIONAL =
    'api.dingtalk.io serves the international region: if the app belongs to the Chinese region, set region: china in the configuration file or DINGTALK_REGION=china;';

  it.each([
    ['api.dingtalk.io', OF_INTERNATIONAL],
    [
      'api.dingtalk.com',
      'api.dingtalk.com serves the Chinese region: if the app belongs to the international region, set region: international in the configuration file or DINGTALK_REGION=international;',
    ],
    [
      'gateway.example:8443',
      'check that the endpoints are those of the app’s region (international or china);',
    ],
    ['api.dingtalk.io.example', 'check that the endpoints'],
  ])('names the other region and its setting if %s refuses an app', (host, words) => {
    expect(hintOf('token', host, 400, INVALID_CLIENT).startsWith(words)).toBe(true);
  });

  it('names the other region if a third-party app gets unknownError', () => {
    const hint = hintOf('token', 'api.dingtalk.io', 500, { code: 'unknownError', message: 'no' });
    expect(hint).toContain('check the corp id');
    expect(hint).toContain(OF_INTERNATIONAL);
  });

  it('names the access token only if one was refused', () => {
    const refused = hintOf('user_count', 'oapi.dingtalk.io', 200, { errcode: 40014, errmsg: 'no' });
    expect(refused).toMatch(/^replace the access token if one is configured; oapi\.dingtalk\.io serves/u);
    expect(hintOf('token', 'api.dingtalk.io', 400, INVALID_CLIENT)).not.toContain('replace');
  });

  it.each([
    ['errcode 60011', 200, { errcode: 60011, errmsg: 'no' }],
    ['HTTP 403', 403, { code: 'Forbidden.AccessDenied.AccessTokenPermissionDenied', message: 'no' }],
  ])('names the missing permission: %s', (_title, status, body) => {
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
});
