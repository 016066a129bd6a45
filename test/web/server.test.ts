import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { networkInterfaces } from 'node:os';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { LIMITS, startWeb } from '../../src/web/server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { eventually } from '../support/until.ts';
import { RawConnection } from './support/raw-connection.ts';
import { EXPOSITION, RecordingLogger, sources, start } from './support/start.ts';

const GET = 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n';
const RELOAD = 'POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n';

/** More than the socket buffers of both ends. */
const HUGE = Buffer.alloc(32_000_000, 'x');

describe('listening', () => {
  it('logs every address with its port', async () => {
    const { web, logger } = await start({}, { listenAddresses: ['127.0.0.1:0', 'localhost:0'] });
    expect(web.addresses).toHaveLength(2);
    expect(logger.of('info')).toEqual(
      web.addresses.map(({ host, port }) => ({
        level: 'info',
        message: 'listening',
        fields: {
          address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
          tls: false,
          password: false,
        },
      })),
    );
    for (const { port } of web.addresses)
      await request(`http://localhost:${port}`)
        .get('/metrics')
        .set('Connection', 'keep-alive')
        .expect(200)
        .expect('Keep-Alive', `timeout=${LIMITS.keepAliveTimeout / 1_000}`);
  });

  it('uses IPv4 and IPv6 if no host is given', async () => {
    const { port } = await start({}, { listenAddresses: [':0'] });
    await request(`http://127.0.0.1:${port}`).get('/metrics').expect(200);
    const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    if (addresses.some(({ address }) => address === '::1')) {
      await request(`http://[::1]:${port}`).get('/metrics').expect(200);
    }
  });

  it('fails on all addresses if one port is taken', async () => {
    const { port } = await start();
    const logger = new RecordingLogger();
    const listenAddresses = ['127.0.0.1:0', `127.0.0.1:${port}`];
    const options = { listenAddresses, telemetryPath: '/metrics', enableLifecycle: false };
    await expect(
      startWeb({ ...options, webConfigFile: undefined }, sources(), logger, new ManualClock()),
    ).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: the port is taken (EADDRINUSE)`);
    const first = String(logger.lines[0]?.fields['address']);
    await expect(request(`http://${first}`).get('/metrics')).rejects.toThrow('ECONNREFUSED');
  });

  it.each([
    ['192.0.2.1:0', 'this machine has no such address (EADDRNOTAVAIL)'],
    ['no-such-host.invalid:0', 'the host name cannot be resolved'],
    ['nonsense', 'not understood'],
  ])('fails clearly on %s', async (address, problem) => {
    await expect(start({}, { listenAddresses: [address] })).rejects.toThrow(problem);
  });
});

describe('closing', () => {
  it('closes idle and silent connections at once, and stops listening', async () => {
    const { web, port, origin, clock } = await start();
    const idle = new RawConnection(port).send(GET);
    const silent = new RawConnection(port);
    await Promise.all([idle.until(EXPOSITION.toString()), silent.connected]);
    // The server accepts connections in order.
    await request(origin).get('/-/healthy').expect(200);
    await web.close(10_000);
    await Promise.all([idle.ended, silent.ended]);
    await expect(request(origin).get('/metrics')).rejects.toThrow('ECONNREFUSED');
    expect(clock.pendingTimers).toBe(0);
  });

  it('is not ready after the withdrawal, and serves until it is closed', async () => {
    const { web, origin } = await start();
    web.withdraw();
    await request(origin).get('/-/ready').expect(503, 'not ready: the exporter is shutting down\n');
    await request(origin).get('/-/healthy').expect(200);
    await request(origin).get('/metrics').expect(200);
  });

  it('waits for an answer that has not begun, and then closes its connection', async () => {
    const reloads: (() => void)[] = [];
    const reload = () => new Promise<void>((resolve) => void reloads.push(resolve));
    const { web, port, clock } = await start({ reload }, { enableLifecycle: true });
    const connection = new RawConnection(port).send(RELOAD);
    await eventually(() => reloads).toHaveLength(1);
    const closed = web.close(10_000);
    clock.advance(9_999);
    reloads[0]?.();
    expect(await connection.ended).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*reloaded\n$/);
    await closed;
  });

  it('sends the rest of an answer to a slow client', async () => {
    const { web, port } = await start({ exposition: () => HUGE });
    const slow = new RawConnection(port).send(GET);
    await slow.until('HTTP/1.1 200');
    slow.socket.pause();
    const closed = web.close(10_000);
    slow.socket.resume();
    expect((await slow.ended).length).toBeGreaterThan(HUGE.length);
    await closed;
  });

  it('closes the remaining connections at the earlier of two deadlines', async () => {
    const { web, port, clock } = await start({ exposition: () => HUGE });
    const slow = new RawConnection(port).send(GET);
    await slow.until('HTTP/1.1 200');
    slow.socket.pause();
    const half = new RawConnection(port).send('GET /metrics HTTP/1.1\r\nX-');
    await half.connected;
    const closed = Promise.all([web.close(10_000), web.close(1_000)]);
    clock.advance(1_000);
    await closed;
    await half.ended;
    slow.socket.resume();
    expect((await slow.ended).length).toBeLessThan(HUGE.length);
    expect(clock.pendingTimers).toBe(0);
  });
});

it('continues after a client that disconnects before its answer', async () => {
  const { port, origin, logger } = await start({ exposition: async () => HUGE });
  const gone = new RawConnection(port).send(GET.replace('\r\n\r\n', '\r\nAccept-Encoding: gzip\r\n\r\n'));
  await eventually(() => gone.socket.writableLength).toBe(0);
  gone.socket.resetAndDestroy();
  await request(origin).get('/metrics').set('Accept-Encoding', 'gzip').expect(200);
  expect(logger.of('error')).toEqual([]);
});

it('sets the limits of the server', async () => {
  const { origin } = await start();
  const servers: unknown[] = [];
  const note = (message: unknown): void => {
    if (typeof message === 'object' && message !== null && 'server' in message) servers.push(message.server);
  };
  subscribe('http.server.request.start', note);
  await request(origin).get('/-/healthy');
  unsubscribe('http.server.request.start', note);
  const { socketTimeout, handshakeTimeout: _ofTls, ...others } = LIMITS;
  expect(servers.at(-1)).toMatchObject({ ...others, timeout: socketTimeout });
});
