import dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { networkTransport, type OutgoingCall, type Transport } from '../../src/dingtalk/transport.ts';

/** The server's reaction to the n-th piece of a connection, counted from 1. */
type Script = (socket: Socket, nth: number) => void;

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
const CONNECTED = 'HTTP/1.1 200 Connection established\r\n\r\n';

const REASON = new Error('the deadline has passed');

const silence: Script = () => undefined;
const answering: Script = (socket) => void socket.write(ANSWER);

describe('the network', () => {
  let server: Server;
  let script: Script;
  let address: string;
  /** All connections and what was received on each. */
  let connections: { readonly socket: Socket; readonly closed: Promise<unknown>; received: string }[];
  let transport: Transport;

  beforeEach(async () => {
    script = silence;
    connections = [];
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      const connection = {
        socket,
        closed: new Promise((resolve) => socket.on('close', resolve)),
        received: '',
      };
      connections.push(connection);
      let pieces = 0;
      socket.on('data', (piece) => {
        connection.received += piece.toString('latin1');
        pieces += 1;
        script(socket, pieces);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    address = `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    for (const { socket } of connections) socket.destroy();
    const closed = once(server, 'close');
    server.close();
    await closed;
  });

  const direct = (): Transport => networkTransport({ httpsProxy: undefined, noProxy: undefined });
  const callTo = (endpoint: string): OutgoingCall => ({
    url: new URL('/path', endpoint),
    contentType: 'application/json',
    body: '{"some":"body"}',
  });
  const neverAborted = (): AbortSignal => new AbortController().signal;

  it('sends one POST with the name and version of the exporter, without compression', async () => {
    transport = direct();
    script = answering;
    const { status, text } = await transport.post(callTo(`http://${address}`), neverAborted());
    expect([status, text]).toEqual([200, '{}']);
    const [head, body] = connections[0]?.received.split('\r\n\r\n') ?? [];
    expect(head?.split('\r\n')).toEqual(
      expect.arrayContaining([
        'POST /path HTTP/1.1',
        'content-type: application/json',
        'accept-encoding: identity',
        'user-agent: dingtalk-headcount-exporter/0.0.0-source',
        'Content-Length: 15',
      ]),
    );
    expect(body).toBe('{"some":"body"}');
  });

  it('reuses a connection for the next call', async () => {
    transport = direct();
    script = answering;
    for (let calls = 0; calls < 3; calls += 1) {
      await transport.post(callTo(`http://${address}`), neverAborted());
      // The connection is free after the last byte of the answer.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(connections).toHaveLength(1);
  });

  describe('ends an aborted call at once and closes its connection', () => {
    it.each<
      readonly [
        stage: string,
        endpoint: string,
        httpsProxy: string | undefined,
        piece: number,
        reaction: Script,
      ]
    >([
      ['in the TLS handshake', 'https://ADDRESS', undefined, 1, silence],
      ['before the headers', 'http://ADDRESS', undefined, 1, silence],
      [
        'within the body',
        'http://ADDRESS',
        undefined,
        1,
        (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'),
      ],
      ['before the proxy answers', 'https://dingtalk.invalid', 'http://ADDRESS', 1, silence],
      ['in the TLS handshake with the proxy', 'https://dingtalk.invalid', 'https://ADDRESS', 1, silence],
      [
        'in the TLS handshake through the proxy',
        'https://dingtalk.invalid',
        'ADDRESS',
        2,
        (socket, nth) => void (nth === 1 && socket.write(CONNECTED)),
      ],
    ])('%s', async (_stage, endpoint, httpsProxy, piece, reaction) => {
      transport = networkTransport({
        httpsProxy: httpsProxy?.replace('ADDRESS', address),
        noProxy: undefined,
      });
      const controller = new AbortController();
      const reached = new Promise<void>((resolve) => {
        script = (socket, nth) => {
          reaction(socket, nth);
          if (nth === piece) resolve();
        };
      });
      const call = transport.post(callTo(endpoint.replace('ADDRESS', address)), controller.signal);
      await reached;
      controller.abort(REASON);
      await expect(call).rejects.toBe(REASON);
      expect(connections).toHaveLength(1);
      await connections[0]?.closed;
    });

    it.each([
      ['the host', undefined],
      ['the proxy', 'http://proxy.invalid:3128'],
    ])('while the name of %s is looked up', async (_title, httpsProxy) => {
      transport = networkTransport({ httpsProxy, noProxy: undefined });
      const lookup = vi.spyOn(dns, 'lookup').mockImplementation((() => undefined) as never);
      const controller = new AbortController();
      const call = transport.post(callTo('https://dingtalk.invalid'), controller.signal);
      // The agent of a proxy looks the name up one turn later.
      await new Promise((resolve) => setImmediate(resolve));
      expect(lookup).toHaveBeenCalledOnce();
      controller.abort(REASON);
      await expect(call).rejects.toBe(REASON);
    });

    it('before it begins', async () => {
      transport = direct();
      const call = transport.post(callTo(`http://${address}`), AbortSignal.abort(REASON));
      await expect(call).rejects.toBe(REASON);
      expect(connections).toHaveLength(0);
    });
  });

  describe('behind a proxy', () => {
    it.each<readonly [string, Script, string]>([
      [
        'an error',
        (socket) => void socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 4\r\n\r\noops'),
        'answered HTTP 502',
      ],
      ['invalid HTTP', (socket) => void socket.end('garbage\r\n\r\n'), 'answered with invalid HTTP'],
      ['a closed connection', (socket) => void socket.end(), 'failed'],
      ['a reset', (socket) => void socket.resetAndDestroy(), 'failed (ECONNRESET)'],
    ])('fails at %s with the name of the proxy, without its password', async (_title, reaction, message) => {
      transport = networkTransport({ httpsProxy: `http://me:s3cret@${address}`, noProxy: undefined });
      script = reaction;
      const call = transport.post(callTo('https://dingtalk.invalid'), neverAborted());
      await expect(call).rejects.toThrow(`the proxy ${address} ${message}`);
      await expect(call).rejects.not.toThrow('s3cret');
      await connections[0]?.closed;
    });

    it('sends the host, and the user name and password of the proxy', async () => {
      transport = networkTransport({ httpsProxy: `http://m%40e:s%25cret@${address}`, noProxy: undefined });
      script = (socket) => void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      await expect(transport.post(callTo('https://dingtalk.invalid'), neverAborted())).rejects.toThrow(
        'HTTP 403',
      );
      const credentials = Buffer.from('m@e:s%cret').toString('base64');
      expect(connections[0]?.received).toContain('CONNECT dingtalk.invalid:443 HTTP/1.1\r\n');
      expect(connections[0]?.received).toContain(`Proxy-Authorization: Basic ${credentials}\r\n`);
    });
  });
});

describe('the address of a proxy', () => {
  const EXAMPLE = 'such as http://proxy.example:3128';
  const INVALID = `HTTPS_PROXY is not a URL ${EXAMPLE}; a % in its user name or password is written %25`;
  const UNSUPPORTED = `HTTPS_PROXY: only http and https proxies are supported, ${EXAMPLE}`;

  it.each([
    ['http://u:a%zz@host', INVALID],
    ['http://host:99999', INVALID],
    ['a b', INVALID],
    ['socks5://s3cret:s3cret@host', UNSUPPORTED],
    ['file:///etc/proxy', UNSUPPORTED],
  ])('%s is refused, and not in the message', (httpsProxy, message) => {
    const make = () => networkTransport({ httpsProxy, noProxy: undefined });
    expect(make).toThrow(new Error(message));
  });
});
