import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Endpoint, Reason } from '../../src/dingtalk/reason.ts';
import * as replies from '../simulator/replies.ts';
import type { Reply } from '../simulator/script.ts';
import { World } from '../support/world.ts';

/** The requests of one poll. */
interface Calls {
  readonly token: number;
  readonly user_count: number;
}

type Case = readonly [title: string, on: Endpoint, answer: Reply, reason: Reason, calls: Calls];

const TOKEN_ONCE: Calls = { token: 1, user_count: 0 };
const TOKEN_FOUR_TIMES: Calls = { token: 4, user_count: 0 };
const COUNT_ONCE: Calls = { token: 1, user_count: 1 };
const COUNT_FOUR_TIMES: Calls = { token: 1, user_count: 4 };
/** Refused also with a new token. */
const COUNT_TWICE: Calls = { token: 2, user_count: 2 };

function onCount(reason: Reason, calls: Calls, cases: readonly (readonly [string, Reply])[]): Case[] {
  return cases.map(([title, answer]) => [title, 'user_count', answer, reason, calls]);
}

function onToken(reason: Reason, calls: Calls, cases: readonly (readonly [string, Reply])[]): Case[] {
  return cases.map(([title, answer]) => [title, 'token', answer, reason, calls]);
}

function errorCodes(...codes: number[]): [string, Reply][] {
  return codes.map((code) => [`errcode ${code}`, replies.plainError(code)]);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

const html = replies.answer({
  headers: { 'content-type': 'text/html' },
  body: '<html><p>Welcome</p></html>',
});

const apiCountLimit = replies.newStyleError(403, 'Forbidden.AccessDenied.ApiCountLimitForOrg');

const CASES: readonly Case[] = [
  ...onCount('unavailable', COUNT_FOUR_TIMES, [
    ['HTTP 500', replies.answer({ status: 500, body: 'oops' })],
    ['HTTP 599 with JSON', replies.newStyleError(599, 'ServiceUnavailable')],
    ...errorCodes(-1, 15, 88),
  ]),
  ...onToken('unavailable', TOKEN_FOUR_TIMES, [
    ['HTTP 500 unknownError', replies.newStyleError(500, 'unknownError')],
    ['HTTP 502 with HTML', replies.answer({ status: 502, body: '<html>bad gateway</html>' })],
    ...errorCodes(-1, 15, 88),
  ]),
  ...onCount('throttled', COUNT_FOUR_TIMES, [
    ['HTTP 429', replies.tooManyRequests()],
    ['HTTP 403 QpsLimit', replies.newStyleError(403, 'Forbidden.AccessDenied.QpsLimitForApi')],
    ['HTTP 403 QpmLimit', replies.newStyleError(403, 'Forbidden.AccessDenied.QpmLimitForAppkeyAndApi')],
    ['sub-code 90018', replies.wrappedError('90018')],
    ['sub-code 90018 in the message alone', replies.wrappedErrorInMessage('90018')],
    ...errorCodes(45009, ...range(90001, 90014), 90018, 90019),
  ]),
  ...onToken('throttled', TOKEN_FOUR_TIMES, [
    ['HTTP 429', replies.tooManyRequests()],
    ['HTTP 403 QpsLimit', replies.newStyleError(403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi')],
    ...errorCodes(90018),
  ]),
  ...onCount('throttled', COUNT_ONCE, [
    ['the address block as JSON', replies.addressBlock('json')],
    ['the address block as HTML', replies.addressBlock('html')],
  ]),
  ...onToken('throttled', TOKEN_ONCE, [['the address block', replies.addressBlock('json')]]),
  ...onCount('quota', COUNT_ONCE, [['HTTP 403 ApiCountLimitForOrg', apiCountLimit], ...errorCodes(90020)]),
  ...onToken('quota', TOKEN_ONCE, [['HTTP 403 ApiCountLimitForOrg', apiCountLimit]]),
  ...onCount('credentials', COUNT_TWICE, [
    ['HTTP 400 InvalidAuthentication', replies.newStyleError(400, 'InvalidAuthentication')],
    ['sub-code 40014', replies.wrappedError('40014')],
    ...errorCodes(40001, 40014, 42001, 43007),
  ]),
  ...onToken('credentials', TOKEN_ONCE, [
    ['HTTP 400 invalidClientIdOrSecret', replies.newStyleError(400, 'invalidClientIdOrSecret')],
    ['HTTP 400 without JSON', replies.answer({ status: 400, body: 'no' })],
    ['HTTP 401', replies.newStyleError(401, 'whatever')],
    ...errorCodes(
      40001,
      40013,
      40014,
      ...range(40082, 40090),
      40096,
      42009,
      ...range(853000, 853009),
      900005,
      900006,
    ),
  ]),
  ...onCount('permission', COUNT_ONCE, [
    ['sub-code 60011', replies.wrappedError('60011')],
    ['sub-code 60020', replies.wrappedError('60020', '访问ip不在白名单之中,request ip=203.0.113.9')],
    [
      'HTTP 403 AccessTokenPermissionDenied',
      replies.newStyleError(403, 'Forbidden.AccessDenied.AccessTokenPermissionDenied'),
    ],
    ['HTTP 403 IpNotInWhiteList', replies.newStyleError(403, 'Forbidden.AccessDenied.IpNotInWhiteList')],
    ...errorCodes(60011, 60020, 41030, 40079, ...range(50002, 50005), 48002, 70001),
  ]),
  ...onToken('permission', TOKEN_ONCE, errorCodes(60020, 50002)),
  ...onCount('rejected', COUNT_ONCE, [
    ['HTTP 404', replies.answer({ status: 404 })],
    ['HTTP 401', replies.newStyleError(401, 'whatever')],
    ['HTTP 403 of another kind', replies.newStyleError(403, 'Forbidden.Other')],
    ['a sub-code in words', replies.wrappedError('isv.something')],
    ['an unknown sub-code', replies.wrappedError('12345')],
    ...errorCodes(40035, 400002, 40013, 90015, 90017, 90021, 43, -2),
  ]),
  ...onToken('rejected', TOKEN_ONCE, [
    ['HTTP 404', replies.newStyleError(404, 'NotFound')],
    ['HTTP 403 of another kind', replies.newStyleError(403, 'Forbidden.Other')],
    ...errorCodes(43, 42001),
  ]),
  ...onCount('invalid_response', COUNT_FOUR_TIMES, [
    ['HTML', html],
    ['an empty body', replies.answer({ body: '' })],
    ['an array', replies.answer({ body: '[1]' })],
    ['HTTP 204', replies.noContent],
    ['HTTP 201 with a count', replies.answer({ status: 201, body: { errcode: 0, result: { count: 7 } } })],
    ['a redirect', replies.redirect('https://elsewhere.example/')],
    ['no errcode', replies.answer({ body: { result: { count: 7 } } })],
    ['errcode 0 in quotes', replies.answer({ body: { errcode: '0', result: { count: 7 } } })],
    ['an errcode that is an object', replies.answer({ body: { errcode: {}, result: { count: 7 } } })],
    ['no result', replies.answer({ body: { errcode: 0 } })],
    ['an inherited result', replies.answer({ body: '{"errcode":0,"__proto__":{"result":{"count":7}}}' })],
    ['no count', replies.countOf(undefined)],
    ['a count of null', replies.countOf(null)],
    ['a count in quotes', replies.countOf('7')],
    ['a negative count', replies.countOf(-1)],
    ['a fractional count', replies.countOf(1.5)],
    ['a count that is not a safe integer', replies.countOf(2 ** 53)],
    ['more than 1 MiB', replies.answer({ body: `{"errcode":0,"x":"${'x'.repeat(1 << 20)}"}` })],
  ]),
  ...onToken('invalid_response', TOKEN_FOUR_TIMES, [
    ['HTML', html],
    ['no token', replies.answer({ body: {} })],
    ['an empty token', replies.answer({ body: { accessToken: '', expireIn: 7200 } })],
    ['a token that is a number', replies.answer({ body: { accessToken: 7, expireIn: 7200 } })],
    ['a lifetime in quotes', replies.answer({ body: { accessToken: 'abc', expireIn: '7200' } })],
    ['a redirect', replies.redirect('https://elsewhere.example/')],
  ]),
];

describe('the failure table, up to the exposition', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  it.each(CASES)('%s on %s', async (_title, on, answer, reason, calls) => {
    world.simulator.script.always(on, answer);
    world.exporter.start();
    const { headcount, lastPoll } = await world.polled();

    expect(lastPoll?.failure?.reason).toBe(reason);
    expect(headcount).toBeUndefined();
    expect({
      token: world.simulator.requests.count('token'),
      user_count: world.simulator.requests.count('user_count'),
    }).toEqual(calls);
    expect(await world.samples('dingtalk_employees')).toEqual([]);
    expect(await world.samples('dingtalk_up')).toEqual(['dingtalk_up{organization="acme"} 0']);
    expect(await world.samples('dingtalk_poll_error')).toEqual([
      `dingtalk_poll_error{organization="acme",reason="${reason}"} 1`,
    ]);
    expect(await world.samples('dingtalk_api_requests_total')).toEqual([
      `dingtalk_api_requests_total{endpoint="token"} ${calls.token}`,
      `dingtalk_api_requests_total{endpoint="user_count"} ${calls.user_count}`,
    ]);
    expect(
      await world.samples(`dingtalk_api_request_failures_total{endpoint="${on}",reason="${reason}"}`),
    ).toEqual([`dingtalk_api_request_failures_total{endpoint="${on}",reason="${reason}"} ${calls[on]}`]);
    expect(world.log.messages('warn')).toEqual(['poll failed']);

    // The next poll succeeds, after the failure interval or the block.
    world.simulator.script.clear();
    const { headcount: recovered } = await world.polled(2);
    expect(recovered).toMatchObject({ employees: 1240, active: 1100 });
    expect(await world.samples('dingtalk_poll_error')).toEqual([]);
  });
});
