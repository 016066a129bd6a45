import { createHash } from 'node:crypto';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import type { PageRequest } from '../../src/web/page/page.ts';
import { PAGE_STYLE } from '../../src/web/page/style.ts';
import { rawRequest } from './support/raw-connection.ts';
import { EXPOSITION, handle, PAGE, start } from './support/start.ts';

describe('/metrics', () => {
  it('answers with the full content type, plain and compressed', async () => {
    const { handler } = handle();
    for (const [encoding, sent] of [
      ['identity', undefined],
      ['gzip', 'gzip'],
    ] as const) {
      const { headers, text } = await request(handler)
        .get('/metrics')
        .set('Accept-Encoding', encoding)
        .expect(200);
      expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(headers['content-encoding']).toBe(sent);
      expect(headers['vary']).toBe('Accept-Encoding');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(text).toBe(EXPOSITION.toString());
    }
  });

  it.each(['/metrics?x=y', 'http://proxy.example/metrics', 'HTTP://proxy.example:80/metrics?x=y'])(
    'is also served as %s',
    async (target) => {
      expect((await rawRequest((await start()).port, target)).status).toBe(200);
    },
  );

  it.each(['/', '/a.b~c-d/'])('can be served at %s instead', async (telemetryPath) => {
    const { handler } = handle({}, { telemetryPath });
    await request(handler).get(telemetryPath).expect(200, EXPOSITION.toString());
    await request(handler).get(`${telemetryPath}?x`).expect(200, EXPOSITION.toString());
    await request(handler).post(telemetryPath).expect(405).expect('Allow', 'GET, HEAD');
    await request(handler).get('/metrics').expect(404);
  });
});

describe('other paths and methods', () => {
  it('answers 404 to every other spelling of a path', async () => {
    const { port } = await start();
    for (const target of [
      '//metrics',
      '/metrics/',
      '/Metrics',
      '/%6detrics',
      '/x/../metrics',
      '/metrics%2f',
      '/metrics;x',
      '/-/healthy/',
      '/-/Reload',
      '/favicon.ico',
      '/%',
      '/:x',
      'ftp://host/metrics',
      '*',
    ]) {
      expect([target, (await rawRequest(port, target)).status]).toEqual([target, 404]);
    }
  });

  it('answers 404 in plain text', async () => {
    const { headers } = await request(handle().handler)
      .get('/nothing')
      .expect(404, 'not found\n')
      .expect('Content-Type', 'text/plain; charset=utf-8')
      .expect('X-Content-Type-Options', 'nosniff');
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it.each([
    ['/metrics', 'GET, HEAD', ['post', 'put', 'delete', 'options']],
    ['/', 'GET, HEAD', ['post', 'delete', 'options']],
    ['/-/healthy', 'GET, HEAD', ['post', 'options']],
    ['/-/ready', 'GET, HEAD', ['post', 'options']],
    ['/-/reload', 'POST, PUT', ['get', 'head', 'delete', 'options']],
  ] as const)('answers 405 at %s, which allows %s', async (path, allowed, methods) => {
    const { handler } = handle({}, { enableLifecycle: true });
    for (const method of methods) await request(handler)[method](path).expect(405).expect('Allow', allowed);
  });

  it('answers HEAD with the headers of GET', async () => {
    const { handler } = handle();
    const ask = (method: 'get' | 'head', path: string) =>
      request(handler)[method](path).set('Accept-Encoding', 'gzip');
    for (const path of ['/metrics', '/', '/-/healthy', '/-/ready', '/nothing']) {
      const [get, head] = [await ask('get', path), await ask('head', path)];
      expect(head.status).toBe(get.status);
      expect({ ...head.headers, date: '' }).toEqual({ ...get.headers, date: '' });
      expect(head.text ?? '').toBe('');
    }
  });
});

describe('health and readiness', () => {
  it('follow the sources', async () => {
    let well = true;
    const { handler } = handle({ healthy: () => well, ready: () => well });
    await request(handler).get('/-/healthy').expect(200, 'healthy\n');
    await request(handler).get('/-/ready').expect(200, 'ready\n');
    well = false;
    await request(handler).get('/-/healthy').expect(503, 'not healthy: the poll loop has stopped\n');
    await request(handler).get('/-/ready').expect(503, 'not ready: the first polls have not ended yet\n');
  });
});

describe('the page', () => {
  it('has a strict Content-Security-Policy', async () => {
    const hash = createHash('sha256').update(PAGE_STYLE).digest('base64');
    const { headers } = await request(handle().handler).get('/').expect(200, PAGE);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-security-policy':
        `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'self'; ` +
        "frame-ancestors 'none'",
    });
  });

  it('gets language and filter of the request, and names its language', async () => {
    const requests: PageRequest[] = [];
    const { handler } = handle({
      renderPage: (pageRequest) => {
        requests.push(pageRequest);
        return PAGE;
      },
    });
    await request(handler)
      .get('/?q=acme&lang=en')
      .set('Accept-Language', 'zh')
      .expect('Content-Language', 'en');
    await request(handler)
      .get('/?q=a&q=b')
      .set('Accept-Language', 'zh')
      .expect('Content-Language', 'zh-CN')
      .expect('Vary', 'Accept-Language, Accept-Encoding');
    expect(requests).toEqual([
      { acceptLanguage: 'zh', language: 'en', filter: 'acme' },
      { acceptLanguage: 'zh', language: undefined, filter: undefined },
    ]);
  });
});

describe('reload', () => {
  it('is refused unless it is enabled', async () => {
    let reloads = 0;
    const { handler } = handle({ reload: async () => void reloads++ });
    const reason = 'reload is not enabled: start the exporter with --web.enable-lifecycle\n';
    await request(handler).post('/-/reload').expect(403, reason);
    await request(handler).put('/-/reload').expect(403, reason);
    expect(reloads).toBe(0);
  });

  it('answers with the reason of a failure', async () => {
    let failure: Error | undefined;
    const { handler } = handle(
      {
        reload: async () => {
          if (failure !== undefined) throw failure;
        },
      },
      { enableLifecycle: true },
    );
    await request(handler).post('/-/reload').expect(200, 'reloaded\n');
    await request(handler).put('/-/reload').expect(200, 'reloaded\n');
    failure = new Error('config.yml:3: poll: unknown key');
    await request(handler)
      .post('/-/reload')
      .expect(500, 'reload failed, the old configuration stays in effect: config.yml:3: poll: unknown key\n');
  });

  it.each([
    ['cross-site', 403],
    ['same-site', 403],
    ['same-origin', 200],
    ['none', 200],
  ])('is refused from pages of other sites: Sec-Fetch-Site: %s', async (site, status) => {
    let reloads = 0;
    const { handler } = handle({ reload: async () => void reloads++ }, { enableLifecycle: true });
    await request(handler).post('/-/reload').set('Sec-Fetch-Site', site).expect(status);
    expect(reloads).toBe(status === 200 ? 1 : 0);
  });
});

describe('an internal error', () => {
  const broken = (): never => {
    throw new Error('a detail of the inside');
  };
  const brokenSources = { exposition: broken, renderPage: broken, healthy: broken, ready: broken };

  it.each([
    ['/metrics', brokenSources],
    ['/metrics', { exposition: async () => broken() }],
    ['/metrics?x', brokenSources],
    ['/', brokenSources],
    ['/-/healthy', brokenSources],
    ['/-/ready', brokenSources],
  ])('is logged, and not shown to the client: %s', async (path, changes) => {
    const { handler, logger } = handle(changes);
    await request(handler).get(path).expect(500, 'internal error: see the log of the exporter\n');
    expect(logger.lines).toEqual([
      { level: 'error', message: 'request failed', fields: { error: 'a detail of the inside' } },
    ]);
  });
});
