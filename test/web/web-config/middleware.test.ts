import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';
import { EXPOSITION, PAGE, start } from '../support/start.ts';
import { HUNTER, WebConfigFile } from '../support/web-config.ts';

const USERS = `basic_auth_users:\n  prometheus: ${HUNTER}\n`;

const startWith = (text: string) =>
  start({}, { webConfigFile: new WebConfigFile(text).path, enableLifecycle: true });

describe('basic_auth_users', () => {
  it('are required for every spelling of a path, except for the health checks', async () => {
    const { port, logger } = await startWith(USERS);
    expect(logger.of('info')[0]?.fields).toMatchObject({ tls: false, password: true });
    for (const path of [
      '/metrics',
      '/metrics?x=/-/healthy',
      '/',
      '/nothing',
      '/-/reload',
      '/-/healthy/',
      '/-/healthy/../metrics',
      '/-/healthy%2f..%2fmetrics',
      '/-/healthy;/metrics',
      '//-/healthy',
      '/%2d/healthy',
      '/-/HEALTHY',
      '/./-/ready',
      '/metrics#/-/ready',
      'http://127.0.0.1/metrics',
      'http://127.0.0.1/metrics?/-/ready',
      'http:///-/ready@x/metrics',
      'http://[::1',
      '*',
    ]) {
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
        const { status, headers } = await rawRequest(port, path, method);
        expect([path, method, status, headers['www-authenticate']]).toEqual([
          path,
          method,
          401,
          'Basic realm="dingtalk-headcount-exporter", charset="UTF-8"',
        ]);
      }
    }
    for (const path of ['/-/healthy', '/-/ready', '/-/ready?x=y', 'http://127.0.0.1/-/ready']) {
      expect((await rawRequest(port, path)).status).toBe(200);
    }
  });

  it('give access to everything with the correct password', async () => {
    const { origin } = await startWith(USERS);
    const ask = (method: 'get' | 'post', path: string, password = 'hunter2') =>
      request(origin)[method](path).auth('prometheus', password);
    await ask('get', '/metrics').expect(200, EXPOSITION.toString());
    await ask('get', '/').expect(200, PAGE);
    await ask('get', '/nothing').expect(404);
    await ask('post', '/-/reload').expect(200);
    await ask('get', '/metrics', 'wrong').expect(401);
  });

  it('are required before a body is read', async () => {
    const { port } = await startWith(USERS);
    const connection = new RawConnection(port).send(
      'POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n',
    );
    expect(await connection.until('required\n')).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('answer 503 when too many passwords wait to be checked', async () => {
    const { port, origin } = await startWith(USERS);
    // In one write, so that all of them wait before the first one is compared.
    const flood = Array.from({ length: 200 }, (_, index) => {
      const credentials = Buffer.from(`prometheus:${index}`).toString('base64');
      const header = index === 199 ? 'close' : 'keep-alive';
      return `GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: ${header}\r\nAuthorization: Basic ${credentials}\r\n\r\n`;
    });
    const answers = (await new RawConnection(port).send(flood.join('')).ended).split('HTTP/1.1 ').slice(1);
    expect(new Set(answers.map((answer) => answer.slice(0, 3)))).toEqual(new Set(['401', '503']));
    expect(answers.find((answer) => answer.startsWith('503'))).toContain('Retry-After: 1');
    await request(origin).get('/metrics').auth('prometheus', 'hunter2').expect(200);
  });
});

describe('http_server_config.headers', () => {
  const HEADERS = {
    'content-security-policy': "frame-ancestors 'self'",
    'x-frame-options': 'deny',
    'x-content-type-options': 'nosniff',
    'x-xss-protection': '0',
    'strict-transport-security': 'max-age=31536000',
  };
  const text = `${USERS}http_server_config:
  headers:
    Content-Security-Policy: frame-ancestors 'self'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: 0
    Strict-Transport-Security: max-age=31536000
`;

  it('are in every response, and do not replace the policy of the page', async () => {
    const { origin } = await startWith(text);
    for (const [path, password, status] of [
      ['/metrics', 'hunter2', 200],
      ['/metrics', 'wrong', 401],
      ['/nothing', 'hunter2', 404],
      ['/-/healthy', 'wrong', 200],
    ] as const) {
      const { headers } = await request(origin).get(path).auth('prometheus', password).expect(status);
      expect(headers).toMatchObject(HEADERS);
    }
    await request(origin)
      .get('/')
      .auth('prometheus', 'hunter2')
      .expect('Content-Security-Policy', /^frame-ancestors 'self', default-src 'none'; style-src /);
  });
});

describe('rate_limit', () => {
  it('answers 429 above the limit, but not to health checks', async () => {
    const { origin, clock } = await startWith('rate_limit: {interval: 1s, burst: 2}');
    const statuses = async (): Promise<number[]> => {
      const all: number[] = [];
      for (const path of ['/metrics', '/', '/metrics']) all.push((await request(origin).get(path)).status);
      return all;
    };
    expect(await statuses()).toEqual([200, 200, 429]);
    await request(origin).get('/-/healthy').expect(200);
    clock.stepWallClock(1_000_000);
    clock.advance(999);
    expect(await statuses()).toEqual([429, 429, 429]);
    clock.advance(1);
    expect(await statuses()).toEqual([200, 429, 429]);
    clock.advance(1_000_000);
    expect(await statuses()).toEqual([200, 200, 429]);
  });
});
