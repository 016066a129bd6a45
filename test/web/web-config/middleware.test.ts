import { request as httpRequest } from 'node:http';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { RawConnection } from '../support/raw-connection.ts';
import { EXPOSITION, PAGE, start } from '../support/start.ts';
import { WebConfigFile } from '../support/web-config.ts';

/** Of "hunter2". */
const HASH = '$2b$04$M6EbEi6dkuumv1/9J9mZi.jX3ROenv5TFtU5hSiH3cHD8Ay6KMpd6';
const USERS = `basic_auth_users:\n  prometheus: ${HASH}\n`;

const startWith = (text: string) =>
  start({}, { webConfigFile: new WebConfigFile(text).path, enableLifecycle: true });

describe('basic_auth_users', () => {
  it('ask for a password by any spelling of a path, but for the health checks', async () => {
    const { port, origin, logger } = await startWith(USERS);
    expect(logger.of('info')[0]?.fields).toMatchObject({ tls: false, password: true });
    const answerTo = (
      path: string,
      method: string,
    ): Promise<{ status: number | undefined; challenge: unknown }> =>
      new Promise((resolve, reject) => {
        httpRequest({ host: '127.0.0.1', port, path, method, agent: false }, (response) => {
          response.resume();
          resolve({ status: response.statusCode, challenge: response.headers['www-authenticate'] });
        })
          .on('error', reject)
          .end();
      });
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
        expect([path, method, await answerTo(path, method)]).toEqual([
          path,
          method,
          { status: 401, challenge: 'Basic realm="dingtalk-headcount-exporter", charset="UTF-8"' },
        ]);
      }
    }
    for (const path of ['/-/healthy', '/-/ready', '/-/ready?x=y'])
      await request(origin).get(path).expect(200);
    expect((await answerTo('http://127.0.0.1/-/ready', 'GET')).status).toBe(200);
  });

  it('let everything through with a right password', async () => {
    const { origin } = await startWith(USERS);
    const right = ['prometheus', 'hunter2'] as const;
    await request(origin)
      .get('/metrics')
      .auth(...right)
      .expect(200, EXPOSITION.toString());
    await request(origin)
      .get('/')
      .auth(...right)
      .expect(200, PAGE);
    await request(origin)
      .get('/nothing')
      .auth(...right)
      .expect(404);
    await request(origin)
      .post('/-/reload')
      .auth(...right)
      .expect(200);
    await request(origin).get('/metrics').auth('prometheus', 'wrong').expect(401);
    await request(origin).get('/metrics').auth('nobody', 'hunter2').expect(401);
  });

  it('are asked before a body has come', async () => {
    const { port } = await startWith(USERS);
    const connection = new RawConnection(port).send(
      'POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n',
    );
    expect(await connection.until('required\n')).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('answer 503 to those of a flood that find no room', async () => {
    const { port, origin } = await startWith(USERS);
    // In one piece, so that all of them are there before the first one is compared.
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

  it('are in every response', async () => {
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
  });

  it('do not weaken the policy of the page: browsers enforce both', async () => {
    const { origin } = await startWith(text);
    await request(origin)
      .get('/')
      .auth('prometheus', 'hunter2')
      .expect('Content-Security-Policy', /^frame-ancestors 'self', default-src 'none'; style-src /);
  });
});

describe('rate_limit', () => {
  it('answers 429 when the bucket is empty, but not to health checks', async () => {
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
