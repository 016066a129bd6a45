import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebConfigurationError } from '../../../src/web/access/web-configuration.ts';
import { startWeb } from '../../../src/web/server.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { openssl } from '../../support/tools.ts';
import { eventually } from '../../support/until.ts';
import { Authority, type Issued } from '../support/certificates.ts';
import { type Answer, ask, Wire } from '../support/http.ts';
import { EXPOSITION, PAGE_STYLE, RecordingLogger, sources, start } from '../support/start.ts';
import { WebConfigFile } from '../support/web-config.ts';

describe.skipIf(openssl().missing)('TLS', () => {
  let authority: Authority;
  let stranger: Authority;
  let server: Issued;
  let client: Issued;
  let strange: Issued;
  beforeAll(() => {
    authority = new Authority();
    stranger = new Authority();
    server = authority.issue('server');
    client = authority.issue('client', [
      'DNS:prometheus.example.org',
      'email:ops@example.org',
      'IP:2001:db8::1',
      'URI:spiffe://example.org/a,b',
    ]);
    strange = stranger.issue('strange', ['DNS:prometheus.example.org']);
  });
  afterAll(() => {
    authority.remove();
    stranger.remove();
  });

  const tlsFile = (more = ''): WebConfigFile =>
    new WebConfigFile(
      `tls_server_config:\n  cert_file: ${server.certFile}\n  key_file: ${server.keyFile}\n${more}`,
    );
  const scrape = (port: number, own?: Issued): Promise<Answer> =>
    ask(port, '/metrics', {
      tls: { ca: authority.ca, ...(own === undefined ? {} : { cert: own.cert, key: own.key }) },
    });
  const handshake = (port: number, options = {}): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const socket = connect({
        port,
        host: '127.0.0.1',
        servername: 'localhost',
        ca: authority.ca,
        ...options,
      });
      onTestFinished(() => void socket.destroy());
      socket.once('secureConnect', () => resolve(socket));
      socket.once('error', reject);
    });

  it('serves everything under https, and says so in the log', async () => {
    const { port, logger } = await start({}, { webConfigFile: tlsFile().path });
    expect((await scrape(port)).body).toEqual(EXPOSITION);
    for (const path of ['/', '/-/healthy', '/-/ready']) {
      expect((await ask(port, path, { tls: { ca: authority.ca } })).status).toBe(200);
    }
    expect(logger.of('info')[0]?.fields).toMatchObject({ tls: true, password: false });
  });

  it('sends large bodies whole, plain and compressed', async () => {
    const large = Buffer.alloc(3_000_001, 'dingtalk_employees 1200\n');
    const { port, clock } = await start({ exposition: () => large }, { webConfigFile: tlsFile().path });
    expect((await scrape(port)).body.equals(large)).toBe(true);
    const head = await ask(port, '/metrics', { method: 'HEAD', tls: { ca: authority.ca } });
    expect([head.headers['content-length'], head.body.length]).toEqual(['3000001', 0]);
    await eventually(() => clock.pendingTimers).toBe(1);
  });

  it('closes a connection that does not speak TLS, and serves on', async () => {
    const { port, logger } = await start({}, { webConfigFile: tlsFile().path });
    const plain = await new Wire(port).send('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n').ended;
    expect(plain).not.toContain('HTTP/1.1 200');
    const gone = connectTcp(port, '127.0.0.1');
    gone.on('error', () => undefined);
    gone.once('connect', () => gone.resetAndDestroy());
    await new Promise((resolve) => gone.once('close', resolve));
    expect((await scrape(port)).status).toBe(200);
    expect(logger.of('error')).toEqual([]);
  });

  it('closes connections in the middle of a handshake when it closes', async () => {
    const { web, port } = await start({}, { webConfigFile: tlsFile().path });
    const wire = new Wire(port);
    await wire.connected;
    const idle = await handshake(port);
    await scrape(port);
    await web.close(10_000);
    await wire.ended;
    if (!idle.closed) await new Promise((resolve) => idle.once('close', resolve));
  });

  it.each([
    ['TLS12', 'TLS12', 'TLSv1.2'],
    ['TLS12', 'TLS13', 'TLSv1.3'],
    ['TLS13', 'TLS13', 'TLSv1.3'],
  ])('speaks from %s to %s: %s at best', async (minimum, maximum, spoken) => {
    const { port } = await start(
      {},
      { webConfigFile: tlsFile(`  min_version: ${minimum}\n  max_version: ${maximum}\n`).path },
    );
    expect((await handshake(port)).getProtocol()).toBe(spoken);
    const old = handshake(port, { maxVersion: 'TLSv1.2' });
    if (minimum === 'TLS13') await expect(old).rejects.toThrow(/alert protocol version/);
    else expect((await old).getProtocol()).toBe('TLSv1.2');
    await expect(
      handshake(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    ).rejects.toThrow();
  });

  it('takes the suites that were named, in the server order or the client order', async () => {
    const named = ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'];
    const offered = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384';
    for (const [prefer, chosen] of [
      [true, 'ECDHE-ECDSA-AES256-GCM-SHA384'],
      [false, 'ECDHE-ECDSA-AES128-GCM-SHA256'],
    ]) {
      const more = `  cipher_suites: [${named.join(', ')}]\n  prefer_server_cipher_suites: ${prefer}\n`;
      const { port } = await start({}, { webConfigFile: tlsFile(more).path });
      const options = { maxVersion: 'TLSv1.2', ciphers: offered };
      expect((await handshake(port, options)).getCipher().name).toBe(chosen);
      const other = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' };
      await expect(handshake(port, other)).rejects.toThrow(/handshake failure/);
      expect((await handshake(port)).getProtocol()).toBe('TLSv1.3');
    }
  });

  it('takes the curves that were named', async () => {
    const { port } = await start({}, { webConfigFile: tlsFile('  curve_preferences: [CurveP384]\n').path });
    const agreed = (await handshake(port, { ecdhCurve: 'P-256:P-384' })).getEphemeralKeyInfo();
    expect(agreed).toMatchObject({ name: 'secp384r1' });
    await expect(handshake(port, { ecdhCurve: 'P-256' })).rejects.toThrow(/handshake failure/);
  });

  it('offers HTTP/1.1 to a client that would rather speak HTTP/2', async () => {
    const { port } = await start({}, { webConfigFile: tlsFile().path });
    expect((await handshake(port, { ALPNProtocols: ['h2', 'http/1.1'] })).alpnProtocol).toBe('http/1.1');
  });

  it('resumes no session, so that every connection is judged anew', async () => {
    const { port } = await start({}, { webConfigFile: tlsFile().path });
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
      let session: Buffer | undefined;
      const first = await handshake(port, { maxVersion });
      first.on('session', (given) => {
        session = given;
      });
      first.write('GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      first.resume();
      await new Promise((resolve) => first.once('close', resolve));
      if (maxVersion === 'TLSv1.3') expect(session).toBeDefined();
      const again = await handshake(port, { maxVersion, session });
      expect(again.isSessionReused()).toBe(false);
    }
  });

  describe('client certificates', () => {
    const refused = /ECONNRESET|socket hang up|EPIPE|alert/;

    it.each([
      ['NoClientCert', false, true, true, true],
      ['RequestClientCert', false, true, true, true],
      ['RequireAnyClientCert', false, false, true, true],
      ['VerifyClientCertIfGiven', true, true, true, false],
      ['RequireAndVerifyClientCert', true, false, true, false],
    ])('%s', async (type, withAuthority, withoutCertificate, withOurs, withStrange) => {
      const authorityLine = withAuthority ? `  client_ca_file: ${authority.caFile}\n` : '';
      const { port } = await start(
        {},
        { webConfigFile: tlsFile(`  client_auth_type: ${type}\n${authorityLine}`).path },
      );
      for (const [certificate, isLetIn] of [
        [undefined, withoutCertificate],
        [client, withOurs],
        [strange, withStrange],
      ] as const) {
        if (isLetIn) expect((await scrape(port, certificate)).status).toBe(200);
        else await expect(scrape(port, certificate)).rejects.toThrow(refused);
      }
    });

    it('are asked of the health checks too', async () => {
      const more = `  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ${authority.caFile}\n`;
      const { port, logger } = await start({}, { webConfigFile: tlsFile(more).path });
      await expect(ask(port, '/-/healthy', { tls: { ca: authority.ca } })).rejects.toThrow(refused);
      expect(logger.of('debug')).toEqual([
        {
          level: 'debug',
          message: 'client refused',
          fields: { peer: '127.0.0.1', reason: 'it has shown no certificate' },
        },
      ]);
    });

    it.each([
      ['prometheus.example.org', true],
      ['ops@example.org', true],
      ['2001:0db8:0::0001', true],
      ['spiffe://example.org/a,b', true],
      ['PROMETHEUS.example.org', false],
      ['example.org', false],
      ['*.example.org', false],
      ['client', false],
      ['spiffe://example.org/a', false],
    ])('are let in by name: %s', async (name, isLetIn) => {
      const more =
        `  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ${authority.caFile}\n` +
        `  client_allowed_sans: [nobody, '${name}']\n`;
      const { port } = await start({}, { webConfigFile: tlsFile(more).path });
      if (isLetIn) expect((await scrape(port, client)).status).toBe(200);
      else await expect(scrape(port, client)).rejects.toThrow(refused);
    });
  });
});

describe('a broken web configuration', () => {
  it('keeps the server from starting', async () => {
    const file = new WebConfigFile('basic_auth_users: {a: secret}');
    const logger = new RecordingLogger();
    const failure: unknown = await startWeb(
      {
        listenAddresses: ['127.0.0.1:0'],
        telemetryPath: '/metrics',
        enableLifecycle: false,
        webConfigFile: file.path,
        pageStyle: PAGE_STYLE,
      },
      sources(),
      logger,
      new ManualClock(),
    ).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WebConfigurationError);
    expect(String(failure)).not.toContain('secret');
    expect(logger.lines).toEqual([]);
  });
});
