import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Server } from 'node:http';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LIMITS } from '../../src/web/limits.ts';
import { startWeb } from '../../src/web/server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { eventually } from '../support/until.ts';
import { ask, Wire } from './support/http.ts';
import { EXPOSITION, portOf, RecordingLogger, sources, start } from './support/start.ts';

const OPTIONS = {
  telemetryPath: '/metrics',
  enableLifecycle: false,
  webConfigFile: undefined,
  pageStyle: '',
};

describe('listening', () => {
  it('listens on every address, each with a log line that names the port it got', async () => {
    const { web, logger } = await start({}, { listenAddresses: ['127.0.0.1:0', 'localhost:0'] });
    expect(web.addresses).toHaveLength(2);
    for (const { port } of web.addresses) expect(port).toBeGreaterThan(0);
    expect(logger.of('info').map(({ message, fields }) => [message, fields['address']])).toEqual(
      web.addresses.map(({ host, port }) => [
        'listening',
        host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
      ]),
    );
    expect((await ask(portOf(web), '/metrics')).body).toEqual(EXPOSITION);
  });

  it('listens on IPv4 and IPv6 where no host is given', async () => {
    const { port } = await start({}, { listenAddresses: [':0'] });
    expect((await ask(port, '/metrics')).status).toBe(200);
    const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
      all?.some(({ address }) => address === '::1'),
    );
    if (hasIpv6) expect((await ask(port, '/metrics', { host: '::1' })).status).toBe(200);
  });

  it('says which port is taken, and lets go of those it had', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const taken = other.address();
    if (taken === null || typeof taken === 'string') throw new Error('no address');
    const logger = new RecordingLogger();
    const listenAddresses = ['127.0.0.1:0', `127.0.0.1:${taken.port}`];
    await expect(
      startWeb({ ...OPTIONS, listenAddresses }, sources(), logger, new ManualClock()),
    ).rejects.toThrow(`cannot listen on 127.0.0.1:${taken.port}: the port is taken (EADDRINUSE)`);
    const first = String(logger.lines[0]?.fields['address']);
    await expect(ask(Number(first.split(':')[1]), '/metrics')).rejects.toThrow('ECONNREFUSED');
  });

  it.each([
    ['192.0.2.1:0', 'this machine has no such address (EADDRNOTAVAIL)'],
    ['no-such-host.invalid:0', 'the host name cannot be resolved'],
    ['nonsense', 'not understood'],
  ])('refuses %s', async (address, problem) => {
    await expect(
      startWeb(
        { ...OPTIONS, listenAddresses: [address] },
        sources(),
        new RecordingLogger(),
        new ManualClock(),
      ),
    ).rejects.toThrow(problem);
  });
});

describe('closing', () => {
  it('closes idle connections at once', async () => {
    const { web, port } = await start();
    const idle = new Wire(port).send('GET /-/ready HTTP/1.1\r\nHost: a\r\n\r\n');
    const silent = new Wire(port);
    await idle.until('ready');
    await web.close(10_000);
    await idle.ended;
    await silent.ended;
    await expect(ask(port, '/metrics')).rejects.toThrow('ECONNREFUSED');
  });

  it('lets what is in flight end, answers no more on its connection, and is done', async () => {
    let finish: () => void = () => undefined;
    const reloading = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let started: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      started = resolve;
    });
    const { web, port, clock } = await start(
      {
        reload: () => {
          started();
          return reloading;
        },
      },
      { enableLifecycle: true },
    );
    const wire = new Wire(port).send('POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
    await begun;
    const closed = web.close(10_000);
    wire.send('GET /-/ready HTTP/1.1\r\nHost: a\r\n\r\n');
    clock.advance(9_999);
    finish();
    const answers = await wire.ended;
    await closed;
    expect(answers).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answers).toContain('Connection: close');
    expect(answers).toContain('reloaded');
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets a slow reader have the whole of its answer', async () => {
    const large = Buffer.alloc(LIMITS.maxHeldBytes / 2, 'x');
    const { web, port, clock } = await start({ exposition: () => large });
    const slow = new Wire(port);
    slow.socket.pause();
    slow.send('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually(() => clock.pendingTimers).toBe(1);
    const closed = web.close(10_000);
    slow.socket.resume();
    expect((await slow.ended).length).toBeGreaterThan(large.length);
    await closed;
    expect(clock.pendingTimers).toBe(0);
  });

  it('destroys what is still in flight at the deadline, and a shorter one wins', async () => {
    let started: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      started = resolve;
    });
    const { web, port, clock } = await start(
      {
        reload: () => {
          started();
          return new Promise<void>(() => undefined);
        },
      },
      { enableLifecycle: true },
    );
    const wire = new Wire(port).send('POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
    await begun;
    const closed = web.close(10_000);
    const sooner = web.close(1_000);
    clock.advance(1_000);
    await Promise.all([closed, sooner]);
    expect(await wire.ended).toBe('');
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('limits', () => {
  it('are those of every server, on purpose', async () => {
    const { port } = await start();
    const seen: unknown[] = [];
    const note = (message: unknown): void => {
      if (typeof message === 'object' && message !== null && 'server' in message) seen.push(message.server);
    };
    subscribe('http.server.request.start', note);
    await ask(port, '/-/healthy');
    unsubscribe('http.server.request.start', note);
    const [server] = seen;
    expect(server).toBeInstanceOf(Server);
    expect(server).toMatchObject({
      headersTimeout: 10_000,
      requestTimeout: 15_000,
      connectionsCheckingInterval: 5_000,
      keepAliveTimeout: 120_000,
      timeout: 30_000,
      maxHeaderSize: 16_384,
      maxConnections: 1_024,
    });
  });

  it('answers 431 to headers that are too large, and serves on', async () => {
    const { port } = await start();
    const wire = new Wire(port).send(`GET /metrics HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`);
    expect(await wire.ended).toMatch(/^HTTP\/1\.1 431 /);
    expect((await ask(port, '/metrics')).status).toBe(200);
  });

  it.each([
    ['garbage', 'garbage\r\n\r\n'],
    ['no host', 'GET /metrics HTTP/1.1\r\n\r\n'],
    ['two lengths', 'GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    [
      'length and chunks',
      'GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    ['a header with a line of its own', 'GET /metrics HTTP/1.1\r\nHost: a\r\n x\r\n\r\n'],
  ])('answers 400 to what is no HTTP: %s', async (_name, text) => {
    const { port } = await start();
    expect(await new Wire(port).send(text).ended).toMatch(/^HTTP\/1\.1 400 /);
  });

  const chunked = (path: string, body: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
  const chunk = (length: number): string => `${length.toString(16)}\r\n${'x'.repeat(length)}\r\n`;

  it('does not read a body that is large', async () => {
    const { port } = await start();
    const large = new Wire(port).send(
      `POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: ${LIMITS.maxRequestBody + 1}\r\n\r\nx`,
    );
    expect(await large.ended).toMatch(/^HTTP\/1\.1 413 [\s\S]*Connection: close/);
    expect((await ask(port, '/metrics', { body: 'x', headers: { 'content-length': 1 } })).status).toBe(200);
  });

  it.each([
    ['', 200],
    [chunk(5), 200],
    [chunk(LIMITS.maxRequestBody), 200],
    [chunk(LIMITS.maxRequestBody) + chunk(1), 413],
  ])('reads a body without a length up to the same limit', async (body, status) => {
    let reloads = 0;
    const { port } = await start({ reload: async () => void reloads++ }, { enableLifecycle: true });
    const answer = await new Wire(port).send(chunked('/-/reload', `${body}0\r\n\r\n`)).ended;
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*Connection: close`));
    expect(reloads).toBe(status === 200 ? 1 : 0);
  });

  it('answers a body without a length that grows too large before it ends', async () => {
    const { port } = await start();
    const wire = new Wire(port).send(chunked('/metrics', chunk(LIMITS.maxRequestBody) + chunk(1)));
    expect(await wire.ended).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('does not fall over a body that ends, or breaks off, where the answer fails', async () => {
    const broken = (): never => {
      throw new Error('a detail of the inside');
    };
    const { port } = await start({ exposition: broken });
    const gone = new Wire(port).send(chunked('/metrics', '5\r\nhe'));
    await gone.flushed();
    gone.socket.resetAndDestroy();
    const answer = await new Wire(port).send(chunked('/metrics', '0\r\n\r\n').replace('POST', 'GET')).ended;
    expect(answer).toMatch(/^HTTP\/1\.1 500 /);
  });

  it('lets who says nothing go for who comes and asks, and nobody who is being answered', async () => {
    const large = Buffer.alloc(LIMITS.maxHeldBytes / 2, 'x');
    const { port } = await start({ exposition: () => large });
    const slow = new Wire(port);
    slow.socket.pause();
    slow.send('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
    const silent = Array.from({ length: LIMITS.maxConnections }, () => new Wire(port));
    await Promise.all(silent.map((wire) => wire.connected));
    expect((await ask(port, '/-/healthy')).status).toBe(200);
    expect((await ask(port, '/-/ready')).status).toBe(200);
    slow.socket.resume();
    await slow.until('x'.repeat(large.length));
  });

  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

  it('answers pipelined requests in order', async () => {
    const { port } = await start();
    const wire = new Wire(port).send(get('/-/healthy') + get('/metrics') + get('/nothing') + get('/-/ready'));
    const received = await wire.until('\r\n\r\nready\n');
    const bodies = received.split('HTTP/1.1 ').map((answer) => answer.split('\r\n\r\n')[1]);
    expect(bodies).toEqual([undefined, 'healthy\n', EXPOSITION.toString(), 'not found\n', 'ready\n']);
  });

  it.each(['/metrics', '/', '/nothing'])(
    'answers what it has begun of a flood of them, and closes: %s',
    async (path) => {
      const { port } = await start();
      const flood = new Wire(port).send(get(path).repeat(LIMITS.maxPipelinedRequests * 4));
      const answers = (await flood.ended).split('HTTP/1.1 ').slice(1);
      expect(answers).toHaveLength(1 + LIMITS.maxPipelinedRequests);
      expect(answers.filter((answer) => answer.includes('Connection: close'))).toEqual(answers.slice(-1));
      expect((await ask(port, '/metrics')).status).toBe(200);
    },
  );
});
