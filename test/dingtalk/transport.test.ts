import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { networkTransport, type Transport } from '../../src/dingtalk/transport.ts';

describe('a call that is given up before there is a connection', () => {
  /** Accepts connections, and never says a word. */
  let silent: Server;
  let address: string;
  let transport: Transport;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    silent = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const bound = silent.address();
    address = `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
  });

  afterEach(async () => {
    await transport.close();
    for (const socket of sockets.splice(0)) socket.destroy();
    silent.close();
    await once(silent, 'close');
  });

  it.each([
    ['for a TLS handshake that is not answered', (to: string) => `https://${to}`, () => undefined],
    ['for a proxy that does not answer', () => 'https://dingtalk.invalid', (to: string) => `http://${to}`],
    ['for a proxy without a scheme', () => 'https://dingtalk.invalid', (to: string) => to],
  ])('ends at once: %s', async (_title, endpoint, proxy) => {
    transport = networkTransport({ httpsProxy: proxy(address), noProxy: undefined });
    const connected = once(silent, 'connection');
    const deadline = new AbortController();
    const call = transport.post(
      { url: new URL('/path', endpoint(address)), contentType: 'application/json', body: '{}' },
      deadline.signal,
    );
    await connected;
    const reason = new Error('the deadline has passed');
    deadline.abort(reason);
    await expect(call).rejects.toBe(reason);
  });
});
