import { describe, expect, test } from 'vitest';
import { count, plant, send, startForTest } from './client.ts';
import { plainError } from './replies.ts';
import { startSimulator } from './simulator.ts';

test('serves both APIs at one origin on loopback', async () => {
  const { simulator } = await startForTest();
  expect(simulator.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(simulator.oapiOrigin).toBe(simulator.origin);
  expect((await count(simulator, plant(simulator), false)).text).toContain('"count":100');
});

describe('with two hosts', () => {
  test('each serves its own calls and not the other ones', async () => {
    const { simulator } = await startForTest({ twoHosts: true });
    expect(simulator.oapiOrigin).not.toBe(simulator.origin);
    expect((await count(simulator, plant(simulator), false)).status).toBe(200);
    expect((await send(`${simulator.origin}/topapi/user/count?access_token=planted`)).status).toBe(404);
    expect((await send(`${simulator.oapiOrigin}/v1.0/oauth2/accessToken`)).status).toBe(404);
    expect((await send(`${simulator.origin}/v1.0/oauth2/accessToken`)).status).toBe(400);
  });
});

test('answers what it does not know with 404 in the new style', async () => {
  const { simulator } = await startForTest();
  const answer = await send(`${simulator.origin}/nothing`);
  expect(answer.status).toBe(404);
  expect(Object.keys(JSON.parse(answer.text))).toEqual(['code', 'message', 'requestid']);
});

test('answers a method other than POST with 405', async () => {
  const { simulator } = await startForTest();
  for (const path of ['/topapi/user/count', '/v1.0/oauth2/accessToken']) {
    const answer = await send(`${simulator.origin}${path}`, { method: 'GET' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  }
});

test('refuses a request body above 1 MiB', async () => {
  const { simulator } = await startForTest();
  const answer = await send(`${simulator.origin}/topapi/user/count`, { body: 'x'.repeat(1_048_577) });
  expect(answer.status).toBe(413);
  expect(simulator.requests.count()).toBe(0);
});

test('closing ends hanging connections, and opening again serves the same port with what was known', async () => {
  const { simulator } = await startForTest();
  const token = plant(simulator);
  simulator.script.once('user_count', () => undefined);
  const hanging = count(simulator, token, true);
  await simulator.requests.next();
  const { origin } = simulator;
  const closed = simulator.close();
  await expect(hanging).rejects.toThrow('fetch failed');
  await closed;
  await expect(count(simulator, token, true)).rejects.toThrow('fetch failed');
  await simulator.open();
  expect(simulator.origin).toBe(origin);
  expect((await count(simulator, token, true)).text).toContain('"count":80');
});

test('closing twice does nothing more', async () => {
  const { simulator } = await startForTest();
  await simulator.close();
  await simulator.close();
});

test('a taken port is an error of the start', async () => {
  const { simulator, clock } = await startForTest();
  const port = Number(new URL(simulator.origin).port);
  await expect(startSimulator({ clock, port })).rejects.toThrow('EADDRINUSE');
});

test('a fault handler has a path to itself until it is taken away', async () => {
  const { simulator } = await startForTest();
  const token = plant(simulator);
  const scripted = simulator.script.always('user_count', plainError(-1));
  simulator.fault('/topapi/user/count', (_request, response, exchange) => {
    response.writeHead(418).end(exchange.received.requestId);
  });
  const answer = await count(simulator, token, true);
  expect([answer.status, answer.text]).toEqual([418, 'sim000000001']);
  expect(scripted.used).toBe(0);
  simulator.fault('/topapi/user/count');
  expect((await count(simulator, token, true)).text).toContain('"errcode":-1');
});

test('a fault handler also serves paths that DingTalk does not have', async () => {
  const { simulator } = await startForTest();
  simulator.fault('/elsewhere', (_request, response) => void response.end('caught'));
  expect((await send(`${simulator.origin}/elsewhere`, { method: 'GET' })).text).toBe('caught');
  expect(simulator.requests.count('other')).toBe(1);
});

test('counts TCP connections', async () => {
  const { simulator } = await startForTest({ twoHosts: true });
  plant(simulator);
  await count(simulator, 'planted', true, { headers: { connection: 'close' } });
  await count(simulator, 'planted', true, { headers: { connection: 'close' } });
  await send(`${simulator.origin}/v1.0/oauth2/accessToken`);
  expect(simulator.connections).toBe(3);
});
