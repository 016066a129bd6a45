import { describe, expect, test } from 'vitest';
import { count, plant, type Received, sendJson, startForTest } from './client.ts';
import {
  addressBlock,
  answer,
  countOf,
  echoing,
  honest,
  newStyleError,
  noContent,
  plainError,
  redirect,
  swapped,
  tooManyRequests,
  wrappedError,
  wrappedErrorInMessage,
} from './replies.ts';
import type { Reply } from './script.ts';

async function reply(behavior: Reply, onlyActive = true): Promise<Received> {
  const { simulator } = await startForTest();
  plant(simulator);
  simulator.script.once('user_count', behavior);
  return count(simulator, 'planted', onlyActive);
}

test.each<[string, Reply, number, string]>([
  [
    'an honest one',
    honest,
    200,
    '{"errcode":0,"errmsg":"ok","result":{"count":80},"request_id":"sim000000001"}',
  ],
  [
    'a plain error',
    plainError(-1, 'System busy'),
    200,
    '{"errcode":-1,"errmsg":"System busy","request_id":"sim000000001"}',
  ],
  [
    'a wrapped error',
    wrappedError('60011', 'no permission'),
    200,
    '{"errcode":88,"sub_code":"60011","sub_msg":"no permission","errmsg":"ding talk error[subcode=60011,submsg=no permission]","request_id":"sim000000001"}',
  ],
  [
    'a wrapped error without its sub_code',
    wrappedErrorInMessage('60011', 'no permission'),
    200,
    '{"errcode":88,"errmsg":"ding talk error[subcode=60011,submsg=no permission]","request_id":"sim000000001"}',
  ],
  [
    'a new-style error',
    newStyleError(403, 'ApiCountLimitForOrg', 'quota'),
    403,
    '{"code":"ApiCountLimitForOrg","message":"quota","requestid":"sim000000001"}',
  ],
  ['the address block', addressBlock('json'), 200, '{"status":1111,"wait":5,"source":"x5","punish":"deny"}'],
  ['nothing', noContent, 204, ''],
  ['text as it stands', answer({ status: 503, body: 'down' }), 503, 'down'],
  ['bytes as they are', answer({ body: Buffer.from([0x7b, 0x7d]) }), 200, '{}'],
  ['an object as JSON', answer({ body: { errcode: 1e9 } }), 200, '{"errcode":1000000000}'],
])('says %s', async (_, behavior, status, text) => {
  const received = await reply(behavior);
  expect([received.status, received.text]).toEqual([status, text]);
});

test('the address block is also an HTML page that speaks of punishment', async () => {
  const received = await reply(addressBlock('html'));
  expect(received.headers.get('content-type')).toBe('text/html;charset=UTF-8');
  expect(received.text).toContain('punish');
});

test('a throttle says when to come again, or does not', async () => {
  const silent = await reply(tooManyRequests());
  expect([silent.status, silent.headers.get('retry-after')]).toEqual([429, null]);
  expect((await reply(tooManyRequests('7'))).headers.get('retry-after')).toBe('7');
});

test('headers are sent as given', async () => {
  const headers = { 'Content-Type': 'application/json;charset=utf-16le', 'x-test': 'yes' };
  const received = await reply(answer({ headers, body: '{}' }));
  expect(received.headers.get('content-type')).toBe('application/json;charset=utf-16le');
  expect(received.headers.get('x-test')).toBe('yes');
});

test('a redirect names another place', async () => {
  const received = await reply(redirect('http://127.0.0.1:1/elsewhere', 307));
  expect([received.status, received.headers.get('location')]).toEqual([307, 'http://127.0.0.1:1/elsewhere']);
});

test.each([
  ['text', '12', '{"count":"12"}'],
  ['a fraction', 1.5, '{"count":1.5}'],
  ['less than nothing', -1, '{"count":-1}'],
  ['null', null, '{"count":null}'],
  ['more than is safe', 2 ** 53, '{"count":9007199254740992}'],
  ['nothing at all', undefined, '{}'],
])('a count can be %s', async (_, value, result) => {
  expect((await reply(countOf(value))).text).toContain(`"result":${result},`);
});

test('the lie swaps the counts, and still wants a good token', async () => {
  expect((await reply(swapped, true)).text).toContain('"count":100');
  expect((await reply(swapped, false)).text).toContain('"count":80');
  const { simulator } = await startForTest();
  simulator.script.always('user_count', swapped);
  expect((await count(simulator, 'unknown', false)).text).toContain('"errcode":40014');
});

describe('an error that echoes', () => {
  test('repeats the token of a counting call, in clear and escaped', async () => {
    const { simulator } = await startForTest();
    plant(simulator, 'to+ken=');
    simulator.script.once('user_count', echoing(200, 40014));
    const received = await count(simulator, 'to+ken=', true);
    expect(received.status).toBe(200);
    expect(JSON.parse(received.text)).toMatchObject({
      errcode: 40014,
      errmsg: 'refused: to+ken= to%2Bken%3D only_active=true',
    });
  });

  test('repeats the secret of a token call', async () => {
    const { simulator } = await startForTest();
    simulator.script.once('token', echoing(400, 'invalidClientIdOrSecret'));
    const received = await sendJson(`${simulator.origin}/v1.0/oauth2/accessToken`, {
      appKey: 'key',
      appSecret: 'the-secret',
    });
    expect(received.status).toBe(400);
    expect(JSON.parse(received.text)).toMatchObject({ code: 'invalidClientIdOrSecret' });
    expect(JSON.parse(received.text).message).toContain('"appSecret":"the-secret"');
  });
});
