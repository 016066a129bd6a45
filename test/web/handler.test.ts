import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OPEN_GATE } from '../../src/web/access/gate.ts';
import { createHandler } from '../../src/web/handler.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { eventually } from '../support/until.ts';
import { ask, Wire } from './support/http.ts';
import { EXPOSITION, PAGE, RecordingLogger, sources, start } from './support/start.ts';

describe('the answers by path', () => {
  it('answers the metrics with their full content type, also with a query and from a proxy', async () => {
    const { port } = await start();
    for (const path of ['/metrics', '/metrics?x=y', `http://127.0.0.1:${port}/metrics`]) {
      const { status, headers, body } = await ask(port, path);
      expect(status).toBe(200);
      expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(headers['content-length']).toBe(String(EXPOSITION.length));
      expect(headers['vary']).toBe('Accept-Encoding');
      expect(headers['content-encoding']).toBeUndefined();
      expect(body).toEqual(EXPOSITION);
    }
  });

  it.each([
    '//metrics',
    '/metrics/',
    '/Metrics',
    '/%6detrics',
    '/x/../metrics',
    '/./metrics',
    '/metrics%2f',
    '/metrics;x',
    '/-/healthy/',
    '/-/nothing',
    '/-/Reload',
    '//',
    '/favicon.ico',
    '/%',
    '/%00',
    'http://other/nothing',
    'ftp://host/metrics',
  ])('answers 404 in plain text: %s', async (path) => {
    const { port } = await start();
    const { status, headers, text } = await ask(port, path);
    expect([status, headers['content-type'], text]).toEqual([
      404,
      'text/plain; charset=utf-8',
      'not found\n',
    ]);
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it('shows the page under a strict policy', async () => {
    const { port } = await start();
    const { status, headers, text } = await ask(port, '/');
    expect([status, text]).toEqual([200, PAGE]);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-security-policy':
        "default-src 'none'; style-src 'sha256-g60THikX93cY7Fdk8ChEmo7aINwBPNAW3kKdxQnnrDQ='; " +
        "img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    });
  });

  it('serves the metrics at / where it is told to, and no page then', async () => {
    const { port } = await start({}, { telemetryPath: '/' });
    expect((await ask(port, '/')).body).toEqual(EXPOSITION);
    expect((await ask(port, '/metrics')).status).toBe(404);
  });

  it('answers HEAD with the headers of GET and nothing else', async () => {
    const { port } = await start();
    for (const path of ['/metrics', '/', '/-/healthy', '/-/ready', '/nothing']) {
      const [get, head] = await Promise.all([ask(port, path), ask(port, path, { method: 'HEAD' })]);
      expect(head.body).toHaveLength(0);
      expect({ ...head.headers, date: '' }).toEqual({ ...get.headers, date: '' });
      expect(head.status).toBe(get.status);
    }
  });

  it.each([
    ['/metrics', 'GET, HEAD', ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']],
    ['/', 'GET, HEAD', ['POST', 'DELETE', 'OPTIONS']],
    ['/-/healthy', 'GET, HEAD', ['POST', 'OPTIONS']],
    ['/-/ready', 'GET, HEAD', ['POST', 'OPTIONS']],
    ['/-/reload', 'POST, PUT', ['GET', 'HEAD', 'DELETE', 'OPTIONS']],
  ])('answers 405 at %s to other methods than %s', async (path, allowed, methods) => {
    const { port } = await start();
    for (const method of methods) {
      const { status, headers } = await ask(port, path, { method });
      expect([method, status, headers['allow']]).toEqual([method, 405, allowed]);
    }
  });

  it('speaks HTTP/1.0, and keeps a connection of HTTP/1.1', async () => {
    const { port } = await start();
    const old = await new Wire(port).send('GET /metrics HTTP/1.0\r\n\r\n').ended;
    expect(old).toContain(`Content-Length: ${EXPOSITION.length}`);
    expect(old.endsWith(`\r\n\r\n${EXPOSITION}`)).toBe(true);
    const kept = new Wire(port);
    for (const time of [1, 2, 3]) {
      kept.send('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
      await eventually(() => kept.received.split(EXPOSITION.toString()).length).toBe(time + 1);
    }
    expect(kept.received).toContain('Connection: keep-alive');
  });
});

describe('health and readiness', () => {
  it('follow what is known', async () => {
    let well = true;
    const { port } = await start({ healthy: () => well, ready: () => well });
    const answers = async (): Promise<unknown[]> =>
      Promise.all(
        ['/-/healthy', '/-/ready'].map(async (path) => {
          const { status, text } = await ask(port, path);
          return [status, text];
        }),
      );
    expect(await answers()).toEqual([
      [200, 'healthy\n'],
      [200, 'ready\n'],
    ]);
    well = false;
    expect(await answers()).toEqual([
      [503, 'not healthy: the poll loop has stopped\n'],
      [503, 'not ready: the first polls have not ended yet\n'],
    ]);
  });

  it('is healthy, but not ready, while shutting down', async () => {
    const handler = createHandler(
      sources(),
      { telemetryPath: '/metrics', enableLifecycle: false, pageStyle: '' },
      () => OPEN_GATE,
      () => true,
      new ManualClock(),
      new RecordingLogger(),
    );
    const server = createServer(handler).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no address');
    expect((await ask(address.port, '/-/healthy')).status).toBe(200);
    const ready = await ask(address.port, '/-/ready');
    expect([ready.status, ready.text]).toEqual([503, 'not ready: the exporter is shutting down\n']);
  });
});

describe('a failure inside', () => {
  it.each(['/metrics', '/', '/-/healthy', '/-/ready'])('tells the log, not the caller: %s', async (path) => {
    const broken = (): never => {
      throw new Error('a detail of the inside');
    };
    const { port, logger } = await start({
      exposition: broken,
      renderPage: broken,
      healthy: broken,
      ready: broken,
    });
    const { status, text } = await ask(port, path);
    expect([status, text]).toEqual([500, 'internal error: the log of the exporter says more\n']);
    expect(logger.of('error')).toEqual([
      { level: 'error', message: 'request failed', fields: { error: 'a detail of the inside' } },
    ]);
  });
});
