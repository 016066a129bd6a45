import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startForTest } from './client.ts';
import { cutOff } from './deliveries.ts';

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

/** A pair that is good for a hundred years, for loopback alone. */
const TLS = { key: fixture('loopback-key.pem'), cert: fixture('loopback-certificate.pem') };

function statusOf(url: string, ca?: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', agent: false, ...(ca === undefined ? {} : { ca }) };
    const call = request(url, options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on('error', reject);
    call.end();
  });
}

test('speaks TLS with a key and a certificate', async () => {
  const { simulator } = await startForTest({ tls: TLS });
  expect(simulator.origin).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(await statusOf(`${simulator.origin}/topapi/user/count`, TLS.cert)).toBe(200);
  await expect(statusOf(`${simulator.origin}/topapi/user/count`)).rejects.toThrow('self-signed certificate');
  expect(simulator.requests.count()).toBe(1);
});

test.each(['before_headers', 'during_headers'] as const)('cuts off a TLS connection %s too', async (when) => {
  const { simulator } = await startForTest({ tls: TLS });
  simulator.script.once('user_count', cutOff(when));
  await expect(statusOf(`${simulator.origin}/topapi/user/count`, TLS.cert)).rejects.toThrow('socket hang up');
});

test.each([TLS, undefined])('closing ends a connection on which nothing was ever said', async (tls) => {
  const { simulator } = await startForTest(tls === undefined ? {} : { tls });
  const socket = connect(Number(new URL(simulator.origin).port), '127.0.0.1');
  const ended = new Promise((resolve) => socket.on('close', resolve));
  socket.on('error', () => undefined);
  while (simulator.connections === 0) await new Promise((resolve) => setImmediate(resolve));
  await simulator.close();
  await ended;
});
