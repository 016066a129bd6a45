import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { count, plant, send, sendJson, startForTest } from './client.ts';
import { Hold } from './hold.ts';
import { type RecordedRequest, RequestRecord } from './record.ts';

function requestAt(arrivedAt: number, onlyActive = true): RecordedRequest {
  return {
    endpoint: 'user_count',
    method: 'POST',
    path: '/topapi/user/count',
    headers: {},
    body: '',
    accessToken: 'token',
    onlyActive,
    organization: undefined,
    requestId: `at ${arrivedAt}`,
    arrivedAt,
    arrivedAtWall: arrivedAt,
  };
}

test('keeps what a counting call brought along, its token apart from its path', async () => {
  const { simulator, clock } = await startForTest();
  const token = plant(simulator, 'to+ken/=');
  clock.advance(1500);
  clock.stepWallClock(-10_000);
  await count(simulator, token, true, { headers: { 'x-test': 'seen' } });
  const [request] = simulator.requests.kept();
  expect(request).toMatchObject({
    endpoint: 'user_count',
    method: 'POST',
    path: '/topapi/user/count',
    body: 'only_active=true',
    accessToken: 'to+ken/=',
    onlyActive: true,
    organization: { employees: 100 },
    requestId: 'sim000000001',
    arrivedAt: 1500,
    arrivedAtWall: clock.wallTime(),
  });
  expect(request?.headers['x-test']).toBe('seen');
});

test('knows the organization of a token call by its ids, a wrong secret notwithstanding', async () => {
  const { simulator } = await startForTest();
  const people = { employees: 1, active: 1 };
  const app = { clientId: 'suite', clientSecret: 'right', corpId: 'one', ...people };
  const one = simulator.apps.addThirdPartyApp(app);
  const two = simulator.apps.addThirdPartyApp({ ...app, corpId: 'two' });
  const own = simulator.apps.addInternalApp({ appKey: 'key', appSecret: 'right', ...people });
  const base = `${simulator.origin}/v1.0/oauth2`;
  const body = { client_id: 'suite', client_secret: 'wrong', grant_type: 'client_credentials' };
  await sendJson(`${base}/one/token`, body);
  await sendJson(`${base}/two/token`, body);
  await sendJson(`${base}/three/token`, body);
  await sendJson(`${base}/accessToken`, { appKey: 'key', appSecret: 'wrong' });
  await sendJson(`${base}/corpAccessToken`, { suiteKey: 'suite', authCorpId: 'two' });
  expect(simulator.requests.kept('token').map((request) => request.organization)).toEqual([
    one,
    two,
    undefined,
    own,
    two,
  ]);
  expect(simulator.requests.count({ endpoint: 'token', organization: two })).toBe(2);
});

test('counts by endpoint, kind of count and organization', async () => {
  const { simulator } = await startForTest();
  const organization = simulator.apps.addTokenOnly({ employees: 2, active: 1 });
  simulator.apps.plantToken(organization, 'first');
  plant(simulator, 'second');
  await count(simulator, 'first', true);
  await count(simulator, 'first', false);
  await count(simulator, 'second', true);
  await send(`${simulator.origin}/elsewhere`);
  const { requests } = simulator;
  expect(requests.count()).toBe(4);
  expect(requests.count('token')).toBe(0);
  expect(requests.count('user_count')).toBe(3);
  expect(requests.count('other')).toBe(1);
  expect(requests.count({ endpoint: 'user_count', onlyActive: true })).toBe(2);
  expect(requests.count({ organization })).toBe(2);
  expect(requests.kept({ organization, onlyActive: false }).map((request) => request.body)).toEqual([
    'only_active=false',
  ]);
  requests.forget();
  expect([requests.count(), requests.kept().length, requests.maxInFlight]).toEqual([0, 0, 0]);
});

test('keeps the last requests only, and counts them all', () => {
  const record = new RequestRecord(3);
  for (let second = 1; second <= 10; second += 1) record.arrived(requestAt(second));
  expect(record.kept().map((request) => request.arrivedAt)).toEqual([8, 9, 10]);
  expect(record.count()).toBe(10);
});

test('tells of the next arrival of a kind', async () => {
  const { simulator } = await startForTest();
  plant(simulator);
  const next = simulator.requests.next({ endpoint: 'user_count', onlyActive: false });
  await count(simulator, 'planted', true);
  await count(simulator, 'planted', false);
  expect((await next).requestId).toBe('sim000000002');
});

test('tells when so many have arrived, those from before included', async () => {
  const { simulator } = await startForTest();
  plant(simulator);
  await count(simulator, 'planted', true);
  await simulator.requests.whenCount(1, 'user_count');
  const seen: string[] = [];
  const third = simulator.requests.whenCount(3, 'user_count').then(() => seen.push('third'));
  await count(simulator, 'planted', true);
  await send(`${simulator.origin}/elsewhere`);
  expect(seen).toEqual([]);
  await count(simulator, 'planted', true);
  await third;
});

test('knows how many are open, how many were at most, and when none is', async () => {
  const { simulator } = await startForTest();
  plant(simulator);
  const hold = new Hold();
  simulator.script.always('user_count', hold.behavior);
  const answers = [1, 2, 3].map(() => count(simulator, 'planted', true));
  await hold.whenHeld(3);
  expect(simulator.requests.inFlight).toBe(3);
  const idle = simulator.requests.whenIdle();
  hold.release();
  await Promise.all(answers);
  await idle;
  expect([simulator.requests.inFlight, simulator.requests.maxInFlight]).toEqual([0, 3]);
  await simulator.requests.whenIdle();
  hold.open();
  await count(simulator, 'planted', true);
  expect(simulator.requests.maxInFlight).toBe(3);
});

test('does not record a request whose caller hangs up in the middle of its body', async () => {
  const { simulator } = await startForTest();
  const socket = connect(Number(new URL(simulator.origin).port), '127.0.0.1');
  const head =
    'POST /topapi/user/count HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n';
  socket.write(`${head}only`);
  // The interim answer shows that the request has begun.
  await new Promise((resolve) => socket.once('data', resolve));
  expect(simulator.requests.inFlight).toBe(1);
  socket.destroy();
  await simulator.requests.whenIdle();
  expect(simulator.requests.count('user_count')).toBe(0);
});

test('finds the busiest second, wherever it begins', () => {
  const record = new RequestRecord(100);
  expect(record.busiestSecond()).toBe(0);
  for (const moment of [0, 600, 900, 1000, 1599, 1600, 5000]) record.arrived(requestAt(moment));
  record.arrived(requestAt(5000, false));
  // 600, 900, 1000 and 1599; at 1600 a second since 600 is over.
  expect(record.busiestSecond()).toBe(4);
  expect(record.busiestSecond({ onlyActive: false })).toBe(1);
});
