import { createCipheriv } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/web/limits.ts';
import { eventually } from '../support/until.ts';
import { ask, Wire } from './support/http.ts';
import { EXPOSITION, start } from './support/start.ts';

const GZIP = { headers: { 'accept-encoding': 'gzip' } };
const LARGE = Buffer.alloc(4_000_000, 'dingtalk_employees{organization="acme"} 1200\n');

describe('gzip', () => {
  it.each([
    ['small', EXPOSITION],
    ['large', LARGE],
  ])('is sent to who asks for it: %s', async (_name, exposition) => {
    const { port } = await start({ exposition: () => exposition });
    const { status, headers, body } = await ask(port, '/metrics', GZIP);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'content-length': String(body.length),
      vary: 'Accept-Encoding',
    });
    expect(gunzipSync(body).equals(exposition)).toBe(true);
    const head = await ask(port, '/metrics', { ...GZIP, method: 'HEAD' });
    expect({ ...head.headers, date: '' }).toEqual({ ...headers, date: '' });
  });

  it.each(['identity', 'gzip;q=0', 'br', '*;q=0'])('is not sent for %s', async (encoding) => {
    const { port } = await start();
    const { headers, body } = await ask(port, '/metrics', { headers: { 'accept-encoding': encoding } });
    expect(headers['content-encoding']).toBeUndefined();
    expect(headers['vary']).toBe('Accept-Encoding');
    expect(body).toEqual(EXPOSITION);
  });

  it.each([100, 1_000_000])('shows what is new at once, of %d bytes', async (length) => {
    let exposition = Buffer.alloc(length, 'old\n');
    const { port } = await start({ exposition: () => exposition });
    expect(gunzipSync((await ask(port, '/metrics', GZIP)).body).equals(exposition)).toBe(true);
    exposition = Buffer.alloc(length, 'new\n');
    expect(gunzipSync((await ask(port, '/metrics', GZIP)).body).equals(exposition)).toBe(true);
  });
});

describe('under load', () => {
  it.each([
    ['plain', {}],
    ['gzip', GZIP],
  ])('answers 500 scrapers at once, and right afterwards: %s', async (_name, options) => {
    const { port } = await start({ exposition: () => LARGE.subarray(0, 200_000) });
    const answers = await Promise.all(
      Array.from({ length: 500 }, async () => {
        const { status, body } = await ask(port, '/metrics', options);
        return [status, body.length];
      }),
    );
    expect(new Set(answers.map(String)).size).toBe(1);
    expect(answers[0]?.[0]).toBe(200);
    expect((await ask(port, '/metrics')).status).toBe(200);
  });

  it('serves on beside half-open connections and half requests', async () => {
    const { port } = await start();
    const wires = Array.from({ length: 200 }, (_, index) => {
      const wire = new Wire(port);
      return index % 2 === 0 ? wire : wire.send('GET /metrics HTTP/1.1\r\nHost: a\r\nX-');
    });
    await Promise.all(wires.map((wire) => wire.connected));
    expect((await ask(port, '/metrics')).body).toEqual(EXPOSITION);
  });

  it('cuts off who does not read a large body in time', async () => {
    // More than the system keeps for both ends.
    const huge = Buffer.alloc(LIMITS.maxHeldBytes, 'x');
    const { port, clock } = await start({ exposition: () => huge });
    const slow = new Wire(port);
    slow.socket.pause();
    slow.send('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually(() => clock.pendingTimers).toBe(1);
    expect((await ask(port, '/metrics')).body.equals(huge)).toBe(true);
    await eventually(() => clock.pendingTimers).toBe(1);
    clock.advance(LIMITS.largeBodyTimeout - 1);
    expect(slow.socket.readyState).toBe('open');
    clock.advance(1);
    slow.socket.resume();
    expect((await slow.ended).length).toBeLessThan(huge.length);
    expect(clock.pendingTimers).toBe(0);
  });

  it('cuts off the slowest readers when too many bodies of different moments are held', async () => {
    const size = Math.floor(LIMITS.maxHeldBytes / 3);
    const { port, clock } = await start({ exposition: () => Buffer.alloc(size, 'x') });
    const readers: Wire[] = [];
    for (const time of [1, 2, 3]) {
      const slow = new Wire(port);
      slow.socket.pause();
      slow.send('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
      readers.push(slow);
      await eventually(() => clock.pendingTimers).toBe(time);
    }
    expect((await ask(port, '/metrics')).body).toHaveLength(size);
    const received = await Promise.all(
      readers.map(async (reader) => {
        reader.socket.resume();
        return (reader === readers[0] ? await reader.ended : await reader.until('x'.repeat(size))).length;
      }),
    );
    expect(received[0]).toBeLessThan(size);
    for (const length of received.slice(1)) expect(length).toBeGreaterThan(size);
  });

  it('leaves a client alone that has gone while its answer was compressed', async () => {
    // What cannot be compressed stays large, and takes longest.
    const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(LARGE);
    const { port, clock, logger } = await start({ exposition: () => noise });
    const gone = new Wire(port).send('GET /metrics HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n');
    await gone.flushed();
    gone.socket.resetAndDestroy();
    expect(gunzipSync((await ask(port, '/metrics', GZIP)).body).equals(noise)).toBe(true);
    await eventually(() => clock.pendingTimers).toBe(0);
    expect(logger.of('error')).toEqual([]);
  });
});
