import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { count, plant, startForTest } from './client.ts';
import {
  after,
  cutOff,
  drip,
  gzipBomb,
  gzipped,
  informational,
  late,
  oversize,
  silence,
  truncated,
} from './deliveries.ts';
import { countOf } from './replies.ts';
import type { Behavior } from './script.ts';
import type { Simulator } from './simulator.ts';

const HONEST = '{"errcode":0,"errmsg":"ok","result":{"count":80},"request_id":"sim000000001"}';

interface Wire {
  readonly bytes: Buffer;
  /** Whether the connection was reset rather than closed. */
  readonly reset: boolean;
}

/** A counting call by hand: what came back on the wire until the other side ended it. */
function exchangeBytes(simulator: Simulator, enough = Number.POSITIVE_INFINITY): Promise<Wire> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(simulator.origin).port), '127.0.0.1');
    const parts: Buffer[] = [];
    let reset = false;
    let length = 0;
    socket.on('data', (part) => {
      parts.push(part);
      length += part.byteLength;
      if (length >= enough) socket.destroy();
    });
    socket.on('error', (error) => {
      reset = 'code' in error && error.code === 'ECONNRESET';
    });
    socket.on('close', () => resolve({ bytes: Buffer.concat(parts), reset }));
    socket.write(
      'POST /topapi/user/count?access_token=planted HTTP/1.1\r\nHost: x\r\nConnection: close\r\n' +
        'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 16\r\n\r\nonly_active=true',
    );
  });
}

async function wire(behavior: Behavior): Promise<Wire & { readonly text: string }> {
  const { simulator } = await startForTest();
  plant(simulator);
  simulator.script.once('user_count', behavior);
  const received = await exchangeBytes(simulator);
  return { ...received, text: received.bytes.toString('latin1') };
}

test('silence lasts until one side ends it', async () => {
  const { simulator } = await startForTest();
  plant(simulator);
  simulator.script.once('user_count', silence);
  const abort = new AbortController();
  const answer = count(simulator, 'planted', true, { signal: abort.signal });
  await simulator.requests.next('user_count');
  expect(simulator.requests.inFlight).toBe(1);
  abort.abort();
  await expect(answer).rejects.toThrow('aborted');
  await simulator.requests.whenIdle();
});

test('a connection is reset before the headers', async () => {
  expect(await wire(cutOff('before_headers'))).toMatchObject({ text: '', reset: true });
});

test('a connection ends within the headers', async () => {
  expect((await wire(cutOff('during_headers'))).text).toBe('HTTP/1.1 200 OK\r\nContent-Ty');
});

test('a connection ends after the headers', async () => {
  expect((await wire(cutOff('after_headers'))).text).toMatch(/content-length: 64\r\n[^{]*\r\n\r\n\{$/);
});

test('a body is shorter than announced', async () => {
  const { text } = await wire(truncated(10));
  expect(text).toContain(`content-length: ${HONEST.length}\r\n`);
  expect(text.endsWith(`\r\n\r\n${HONEST.slice(0, -10)}`)).toBe(true);
});

test('a body comes byte by byte as the clock goes', async () => {
  const { simulator, clock } = await startForTest();
  plant(simulator);
  simulator.script.once('user_count', drip(1000, 7));
  const response = await fetch(`${simulator.origin}/topapi/user/count?access_token=planted`, {
    method: 'POST',
    body: new URLSearchParams({ only_active: 'true' }),
  });
  const parts: string[] = [];
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await step(); part !== undefined; part = await step()) parts.push(part);
  expect(parts.join('')).toBe(HONEST);
  expect(parts.length).toBe(Math.ceil(HONEST.length / 7));
  expect(clock.pendingTimers).toBe(0);

  async function step(): Promise<string | undefined> {
    expect(clock.pendingTimers).toBe(parts.length * 7 < HONEST.length ? 1 : 0);
    clock.advance(1000);
    return (await reader?.read())?.value;
  }
});

test('a drip stops when nobody listens any more', async () => {
  const { simulator, clock } = await startForTest();
  plant(simulator);
  simulator.script.once('user_count', drip(1000));
  const abort = new AbortController();
  const response = await fetch(`${simulator.origin}/topapi/user/count?access_token=planted`, {
    method: 'POST',
    body: new URLSearchParams({ only_active: 'true' }),
    signal: abort.signal,
  });
  expect(clock.pendingTimers).toBe(1);
  abort.abort();
  await expect(response.text()).rejects.toThrow('aborted');
  await simulator.requests.whenIdle();
  expect(clock.pendingTimers).toBe(0);
});

test('an answer is late by the clock', async () => {
  const { simulator, clock } = await startForTest();
  plant(simulator);
  simulator.script.once('user_count', late(250));
  const answer = count(simulator, 'planted', true);
  await simulator.requests.next('user_count');
  expect(clock.untilNextTimer).toBe(250);
  clock.advance(250);
  expect((await answer).text).toBe(HONEST);
});

test('a late answer is given up when its caller hangs up', async () => {
  const { simulator, clock } = await startForTest();
  simulator.script.once('user_count', late(250));
  const abort = new AbortController();
  const answer = count(simulator, 'planted', true, { signal: abort.signal });
  await simulator.requests.next('user_count');
  abort.abort();
  await expect(answer).rejects.toThrow('aborted');
  await simulator.requests.whenIdle();
  expect(clock.pendingTimers).toBe(0);
});

test.each([true, false])('a right answer can be far too long (announced: %s)', async (announced) => {
  const { simulator } = await startForTest();
  plant(simulator);
  simulator.script.once('user_count', oversize(3_000_000, announced));
  const received = await count(simulator, 'planted', true);
  expect(received.headers.get('content-length')).toBe(announced ? '3000000' : null);
  expect(received.text.length).toBe(3_000_000);
  expect(received.text.trimEnd()).toBe(HONEST);
});

test('an endless answer ends with its reader', async () => {
  const { simulator } = await startForTest();
  plant(simulator);
  simulator.script.once('user_count', oversize(Number.POSITIVE_INFINITY));
  expect((await exchangeBytes(simulator, 10_000_000)).bytes.byteLength).toBeGreaterThanOrEqual(10_000_000);
  await simulator.requests.whenIdle();
});

test('an answer is packed, asked for or not', async () => {
  const { bytes, text } = await wire(gzipped());
  expect(text).toContain('content-encoding: gzip\r\n');
  expect(gunzipSync(bytes.subarray(text.indexOf('\r\n\r\n') + 4)).toString()).toBe(HONEST);
});

test('a small answer unpacks to a huge one', async () => {
  const { simulator } = await startForTest();
  plant(simulator);
  simulator.script.always('user_count', gzipBomb(20_000_000));
  const unpacked = await count(simulator, 'planted', true);
  expect(unpacked.text.length).toBe(20_000_000);
  expect(unpacked.text.trimEnd()).toBe(HONEST);
  expect((await exchangeBytes(simulator)).bytes.byteLength).toBeLessThan(100_000);
});

test.each([
  [100, 'HTTP/1.1 100 Continue\r\n'],
  [102, 'HTTP/1.1 102 Processing\r\n'],
  [103, 'HTTP/1.1 103 Early Hints\r\n'],
] as const)('an informational answer %i comes first', async (status, line) => {
  const { text } = await wire(informational(status));
  expect(text.startsWith(line)).toBe(true);
  expect(text).toContain('HTTP/1.1 200 OK\r\n');
  expect(text.endsWith(HONEST)).toBe(true);
});

test('something happens before the reply', async () => {
  const { simulator } = await startForTest();
  const organization = simulator.apps.addTokenOnly({ employees: 2, active: 1 });
  simulator.apps.plantToken(organization, 'planted');
  simulator.script.once(
    'user_count',
    after(() => simulator.apps.revokeTokens(organization)),
  );
  expect((await count(simulator, 'planted', true)).text).toContain('"errcode":40014');
});

test('a delivery carries any reply', async () => {
  expect((await wire(gzipped(countOf('many')))).text).toContain('content-encoding: gzip');
  expect((await wire(truncated(1, countOf('many')))).text).toContain('"count":"many"');
});
