import { describe, expect, it } from 'vitest';
import { ask, Wire } from '../support/http.ts';
import { EXPOSITION, start } from '../support/start.ts';
import { WebConfigFile } from '../support/web-config.ts';

const HUNTER = '$2b$04$M6EbEi6dkuumv1/9J9mZi.jX3ROenv5TFtU5hSiH3cHD8Ay6KMpd6';
const USERS = `basic_auth_users:\n  prometheus: ${HUNTER}\n`;
const RIGHT = { auth: 'prometheus:hunter2' };

describe('basic auth', () => {
  it('asks a password for everything but the health checks, by any spelling of a path', async () => {
    const { port, logger } = await start(
      {},
      { webConfigFile: new WebConfigFile(USERS).path, enableLifecycle: true },
    );
    expect(logger.of('info')[0]?.fields).toMatchObject({ tls: false, password: true });
    for (const path of [
      '/metrics',
      '/metrics?x=/-/healthy',
      '/',
      '/nothing',
      '/-/reload',
      '/-/healthy/',
      '/-/healthy/../metrics',
      '/-/healthy/..%2fmetrics',
      '/-/healthy%2f..%2fmetrics',
      '/-/healthy;/metrics',
      '//-/healthy',
      '/%2d/healthy',
      '/-/HEALTHY',
      '/./-/ready',
      '/metrics#/-/ready',
      '/metrics/-/ready',
      `http://127.0.0.1:${port}/metrics`,
      'http://127.0.0.1/metrics?/-/ready',
      'http:///-/ready@x/metrics',
      '*',
    ]) {
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE']) {
        const { status, headers, body } = await ask(port, path, { method, headers: { 'content-length': 0 } });
        expect([path, method, status]).toEqual([path, method, 401]);
        expect(headers['www-authenticate']).toBe(
          'Basic realm="dingtalk-headcount-exporter", charset="UTF-8"',
        );
        expect(body.toString()).not.toContain('dingtalk_employees');
      }
    }
    for (const path of ['/-/healthy', '/-/ready', '/-/ready?x=y', `http://127.0.0.1:${port}/-/ready`]) {
      expect((await ask(port, path)).status).toBe(200);
    }
  });

  it('answers who has the password as if none was asked', async () => {
    const { port } = await start({}, { webConfigFile: new WebConfigFile(USERS).path });
    expect((await ask(port, '/metrics', RIGHT)).body).toEqual(EXPOSITION);
    expect((await ask(port, '/', RIGHT)).status).toBe(200);
    expect((await ask(port, '/nothing', RIGHT)).status).toBe(404);
    expect((await ask(port, '/metrics', { ...RIGHT, method: 'POST' })).status).toBe(405);
    for (const auth of ['prometheus:wrong', 'nobody:hunter2', 'prometheus']) {
      expect((await ask(port, '/metrics', { auth })).status).toBe(401);
    }
  });

  it.each([
    ['Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'],
    ['Transfer-Encoding: chunked', ''],
    ['Content-Length: 1000000000', ''],
    ['Content-Length: 5', 'hello'],
  ])('asks a password before anything is said of a body: %s', async (header, body) => {
    let reloads = 0;
    const { port } = await start(
      { reload: async () => void reloads++ },
      { webConfigFile: new WebConfigFile(USERS).path, enableLifecycle: true },
    );
    for (const path of ['/metrics', '/-/reload', '/nothing']) {
      const wire = new Wire(port).send(`POST ${path} HTTP/1.1\r\nHost: a\r\n${header}\r\n\r\n${body}`);
      expect(await wire.until('are needed\n')).toMatch(/^HTTP\/1\.1 401 /);
      if (header !== 'Content-Length: 5') expect(await wire.ended).toContain('Connection: close');
    }
    expect(reloads).toBe(0);
  });

  it('goes by the first of two Authorization headers', async () => {
    const { port } = await start({}, { webConfigFile: new WebConfigFile(USERS).path });
    const right = 'Authorization: Basic cHJvbWV0aGV1czpodW50ZXIy\r\n';
    const wrong = 'Authorization: Basic cHJvbWV0aGV1czpodW50ZXIz\r\n';
    for (const [headers, status] of [
      [wrong + right, 401],
      [right + wrong, 200],
    ]) {
      const wire = new Wire(port).send(
        `GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers}\r\n`,
      );
      expect(await wire.ended).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    }
  });

  it('answers 500 scrapers at once who come with the right password for the first time', async () => {
    const { port } = await start({}, { webConfigFile: new WebConfigFile(USERS).path });
    const statuses = await Promise.all(
      Array.from({ length: 500 }, async () => (await ask(port, '/metrics', RIGHT)).status),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('answers the rest of a flood of wrong passwords with 503, and serves on', async () => {
    const { port } = await start({}, { webConfigFile: new WebConfigFile(USERS).path });
    // In one piece, so that all of them are there before the first one is checked.
    const flood = Array.from({ length: 20 }, (_, index) => {
      const password = Buffer.from(`prometheus:${index}`).toString('base64');
      const connection = index === 19 ? 'close' : 'keep-alive';
      return `GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: ${connection}\r\nAuthorization: Basic ${password}\r\n\r\n`;
    });
    const answers = (await new Wire(port).send(flood.join('')).ended).split('HTTP/1.1 ').slice(1);
    expect(answers.map((answer) => answer.slice(0, 3))).toEqual([
      ...Array.from({ length: 9 }, () => '401'),
      ...Array.from({ length: 11 }, () => '503'),
    ]);
    expect(answers[19]).toContain('Retry-After: 1');
    expect((await ask(port, '/-/healthy')).status).toBe(200);
    expect((await ask(port, '/metrics', RIGHT)).status).toBe(200);
  });
});

describe('headers', () => {
  const file = (): string =>
    new WebConfigFile(
      `${USERS}http_server_config:
  headers:
    Content-Security-Policy: frame-ancestors 'self'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: '0'
    Strict-Transport-Security: max-age=31536000
`,
    ).path;

  it('stand in every answer', async () => {
    const { port } = await start({}, { webConfigFile: file() });
    for (const [path, options, expected] of [
      ['/metrics', RIGHT, 200],
      ['/metrics', {}, 401],
      ['/nothing', RIGHT, 404],
      ['/-/healthy', {}, 200],
      ['/-/ready', {}, 200],
      ['/metrics', { ...RIGHT, method: 'POST' }, 405],
      ['/metrics', { ...RIGHT, method: 'POST', headers: { 'content-length': 65_537 } }, 413],
    ] as const) {
      const { status, headers } = await ask(port, path, options);
      expect([path, status]).toEqual([path, expected]);
      expect(headers).toMatchObject({
        'content-security-policy': "frame-ancestors 'self'",
        'x-frame-options': 'deny',
        'x-content-type-options': 'nosniff',
        'x-xss-protection': '0',
        'strict-transport-security': 'max-age=31536000',
      });
    }
  });

  it('never weaken the policy of the page: browsers enforce both', async () => {
    const { port } = await start({}, { webConfigFile: file() });
    const { headers } = await ask(port, '/', RIGHT);
    expect(headers['content-security-policy']).toMatch(
      /^frame-ancestors 'self', default-src 'none'; style-src /,
    );
  });
});

describe('rate_limit', () => {
  it('answers 429 when the bucket is empty, but not to the health checks', async () => {
    const { port, clock } = await start(
      {},
      { webConfigFile: new WebConfigFile('rate_limit: {interval: 1s, burst: 2}').path },
    );
    const statuses = async (): Promise<number[]> => {
      const all: number[] = [];
      for (const path of ['/metrics', '/', '/metrics']) all.push((await ask(port, path)).status);
      return all;
    };
    expect(await statuses()).toEqual([200, 200, 429]);
    expect((await ask(port, '/-/healthy')).status).toBe(200);
    clock.advance(1_000);
    expect(await statuses()).toEqual([200, 429, 429]);
  });
});
