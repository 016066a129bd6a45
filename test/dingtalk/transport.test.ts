import dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { networkTransport, type OutgoingCall, type Transport } from '../../src/dingtalk/transport.ts';

/** What the server does when the n-th piece of a connection arrives, counted from 1. */
type Script = (socket: Socket, nth: number) => void;

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
const CONNECTED = 'HTTP/1.1 200 Connection established\r\n\r\n';

const silence: Script = () => undefined;
const answering: Script = (socket) => void socket.write(ANSWER);

describe('the network', () => {
  let server: Server;
  let script: Script;
  let address: string;
  /** All connections so far, and what came on each. */
  let connections: { readonly closed: Promise<unknown>; received: string }[];
  let transport: Transport;

  beforeEach(async () => {
    script = silence;
    connections = [];
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      const connection = {
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
    await transport.close();
    // Nothing is left open: otherwise this would never resolve.
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

  it('sends one POST with the name and version of the exporter, and asks for no compression', async () => {
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

  it('uses a connection again for the next call', async () => {
    transport = direct();
    script = answering;
    for (let calls = 0; calls < 3; calls += 1) {
      await transport.post(callTo(`http://${address}`), neverAborted());
      // The connection is free once the answer's last byte has been dealt with.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(connections).toHaveLength(1);
  });

  describe('ends an aborted call at once and closes its connection', () => {
    const stages: readonly (readonly [
      stage: string,
      make: (address: string) => readonly [endpoint: string, httpsProxy: string | undefined],
      piece: number,
      Script,
    ])[] = [
      ['in the TLS handshake', (to) => [`https://${to}`, undefined], 1, silence],
      ['before the headers', (to) => [`http://${to}`, undefined], 1, silence],
      [
        'within the body',
        (to) => [`http://${to}`, undefined],
        1,
        (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'),
      ],
      ['before the proxy answers', (to) => ['https://dingtalk.invalid', `http://${to}`], 1, silence],
      [
        'in the TLS handshake with the proxy',
        (to) => ['https://dingtalk.invalid', `https://${to}`],
        1,
        silence,
      ],
      [
        'in the TLS handshake through the proxy',
        (to) => ['https://dingtalk.invalid', to],
        2,
        (socket, nth) => void (nth === 1 && socket.write(CONNECTED)),
      ],
    ];

    it.each(stages)('%s', async (_stage, make, piece, reaction) => {
      const [endpoint, httpsProxy] = make(address);
      transport = networkTransport({ httpsProxy, noProxy: undefined });
      const controller = new AbortController();
      const reason = new Error('the deadline has passed');
      const reached = new Promise<void>((resolve) => {
        script = (socket, nth) => {
          reaction(socket, nth);
          if (nth === piece) resolve();
        };
      });
      const call = transport.post(callTo(endpoint), controller.signal);
      await reached;
      controller.abort(reason);
      await expect(call).rejects.toBe(reason);
      expect(connections).toHaveLength(1);
      await connections[0]?.closed;
    });

    it.each([
      ['the host', undefined],
      ['the proxy', 'http://proxy.invalid:3128'],
    ])('while the name of %s is looked up', async (_title, httpsProxy) => {
      transport = networkTransport({ httpsProxy, noProxy: undefined });
      let found: (() => void) | undefined;
      vi.spyOn(dns, 'lookup').mockImplementation(((_name: string, _options: object, callback: unknown) => {
        found = () =>
          Reflect.apply(callback as () => void, undefined, [null, [{ address: '127.0.0.1', family: 4 }]]);
      }) as never);
      const controller = new AbortController();
      const call = transport.post(
        callTo(`https://dingtalk.invalid:${address.split(':')[1]}`),
        controller.signal,
      );
      // A proxy's agent looks the name up one turn later.
      await new Promise((resolve) => setImmediate(resolve));
      const reason = new Error('the deadline has passed');
      controller.abort(reason);
      await expect(call).rejects.toBe(reason);

      // The name is found too late: nobody connects any more.
      expect(found).toBeDefined();
      found?.();
      script = answering;
      await transport.post(callTo(`http://${address}`), neverAborted());
      expect(connections).toHaveLength(1);
    });

    it('before it was begun: there is no connection', async () => {
      transport = direct();
      const reason = new Error('too late');
      const call = transport.post(callTo(`http://${address}`), AbortSignal.abort(reason));
      await expect(call).rejects.toBe(reason);
      expect(connections).toHaveLength(0);
    });
  });

  describe('behind a proxy', () => {
    it.each<readonly [string, Script, string]>([
      [
        'asks for a password',
        (socket) => void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
        'answered HTTP 407',
      ],
      [
        'cannot reach the host, and says so in a page',
        (socket) => void socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 4\r\n\r\noops'),
        'answered HTTP 502',
      ],
      ['says what is not HTTP', (socket) => void socket.end('garbage\r\n\r\n'), 'answered with invalid HTTP'],
      ['closes the connection', (socket) => void socket.end(), 'gave no connection'],
      ['resets the connection', (socket) => void socket.resetAndDestroy(), 'gave no connection (ECONNRESET)'],
    ])(
      'fails with the name of the proxy, and never its password, where it %s',
      async (_title, reaction, said) => {
        transport = networkTransport({ httpsProxy: `http://me:s3cret@${address}`, noProxy: undefined });
        script = reaction;
        const call = transport.post(callTo('https://dingtalk.invalid'), neverAborted());
        await expect(call).rejects.toThrow(`the proxy ${address} ${said}`);
        await expect(call).rejects.not.toThrow('s3cret');
        await connections[0]?.closed;
      },
    );

    it('fails with the name of the proxy where nothing listens there', async () => {
      transport = networkTransport({ httpsProxy: 'http://127.0.0.1:1', noProxy: undefined });
      await expect(transport.post(callTo('https://dingtalk.invalid'), neverAborted())).rejects.toThrow(
        'the proxy 127.0.0.1:1 gave no connection (ECONNREFUSED)',
      );
    });

    it('tells the proxy the host, and its own user name and password', async () => {
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
  it.each(['http://u:a%zz@host', 'http://a%zz@host', 'http://host:99999', 'a b'])(
    '%s is refused, and not shown',
    (httpsProxy) => {
      const make = () => networkTransport({ httpsProxy, noProxy: undefined });
      expect(make).toThrow('HTTPS_PROXY is not a URL such as http://proxy.example:3128');
      expect(make).not.toThrow(httpsProxy);
    },
  );

  it.each(['socks5://s3cret:s3cret@host', 'socks://host', 'ftp://host', 'file:///etc/proxy'])(
    '%s is not supported, and not shown',
    (httpsProxy) => {
      const make = () => networkTransport({ httpsProxy, noProxy: undefined });
      expect(make).toThrow('HTTPS_PROXY: only http and https proxies are supported');
      expect(make).not.toThrow('s3cret');
    },
  );
});
