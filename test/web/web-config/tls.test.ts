import { connect, type TLSSocket } from 'node:tls';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openssl } from '../../support/tools.ts';
import { Authority, type Issued } from '../support/certificates.ts';
import { EXPOSITION, type Started, start } from '../support/start.ts';
import { WebConfigFile } from '../support/web-config.ts';
import { Wire } from '../support/wire.ts';

const GET = 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n';

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

  const startTls = (more = '', exposition = EXPOSITION): Promise<Started> => {
    const certificate = `cert_file: ${server.certFile}\n  key_file: ${server.keyFile}`;
    const file = new WebConfigFile(`tls_server_config:\n  ${certificate}\n${more}`);
    return start({ exposition: () => exposition }, { webConfigFile: file.path });
  };
  const get = (origin: string, path = '/metrics', own?: Issued) => {
    const asked = request(origin).get(path).ca(authority.ca);
    return own === undefined ? asked : asked.cert(own.cert).key(own.key);
  };
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
  const closed = (socket: TLSSocket): Promise<void> =>
    new Promise((resolve) => {
      socket.resume();
      if (socket.closed) resolve();
      else socket.once('close', () => resolve());
    });

  it('serves everything, and the log says so', async () => {
    const { origin, logger } = await startTls();
    await get(origin).expect(200, EXPOSITION.toString());
    for (const path of ['/', '/-/healthy', '/-/ready']) await get(origin, path).expect(200);
    expect(logger.of('info')[0]?.fields).toMatchObject({ tls: true, password: false });
  });

  it('closes a connection that does not speak TLS, and serves on', async () => {
    const { port, origin, logger } = await startTls();
    expect(await new Wire(port).send(GET).ended).not.toContain('HTTP/1.1 200');
    await get(origin).expect(200);
    expect(logger.of('error')).toEqual([]);
  });

  it('closes silent connections at once, before and after the handshake, and finishes answers', async () => {
    const { web, port, origin } = await startTls('', Buffer.alloc(32_000_000, 'x'));
    const silent = new Wire(port);
    await silent.connected;
    const idle = await handshake(port);
    const slow = await handshake(port);
    let received = 0;
    slow.on('data', (part) => {
      received += part.length;
    });
    slow.write(GET);
    await new Promise((resolve) => slow.once('data', resolve));
    slow.pause();
    // The silent ones have been accepted before a connection that came later is answered.
    await get(origin, '/-/healthy').expect(200);
    const ended = web.close(10_000);
    await Promise.all([silent.ended, closed(idle)]);
    slow.resume();
    await closed(slow);
    expect(received).toBeGreaterThan(32_000_000);
    await ended;
  });

  it.each([
    ['TLS12', 'TLS12', 'TLSv1.2'],
    ['TLS12', 'TLS13', 'TLSv1.3'],
    ['TLS13', 'TLS13', 'TLSv1.3'],
  ])('speaks from %s to %s: %s at best', async (minimum, maximum, spoken) => {
    const { port } = await startTls(`  min_version: ${minimum}\n  max_version: ${maximum}\n`);
    expect((await handshake(port)).getProtocol()).toBe(spoken);
    const old = handshake(port, { maxVersion: 'TLSv1.2' });
    if (minimum === 'TLS13') await expect(old).rejects.toThrow(/alert protocol version/);
    else expect((await old).getProtocol()).toBe('TLSv1.2');
    await expect(
      handshake(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    ).rejects.toThrow();
  });

  it('uses the named suites, in the order of the server or of the client', async () => {
    const named = 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256';
    const ciphers = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384';
    for (const [prefer, chosen] of [
      [true, 'ECDHE-ECDSA-AES256-GCM-SHA384'],
      [false, 'ECDHE-ECDSA-AES128-GCM-SHA256'],
    ]) {
      const { port } = await startTls(
        `  cipher_suites: [${named}]\n  prefer_server_cipher_suites: ${prefer}\n`,
      );
      expect((await handshake(port, { maxVersion: 'TLSv1.2', ciphers })).getCipher().name).toBe(chosen);
      const other = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' };
      await expect(handshake(port, other)).rejects.toThrow(/handshake failure/);
      expect((await handshake(port)).getProtocol()).toBe('TLSv1.3');
    }
  });

  it('uses the named curves', async () => {
    const { port } = await startTls('  curve_preferences: [CurveP384]\n');
    const agreed = (await handshake(port, { ecdhCurve: 'P-256:P-384' })).getEphemeralKeyInfo();
    expect(agreed).toMatchObject({ name: 'secp384r1' });
    await expect(handshake(port, { ecdhCurve: 'P-256' })).rejects.toThrow(/handshake failure/);
  });

  it('offers HTTP/1.1 to a client that prefers HTTP/2', async () => {
    const { port } = await startTls();
    expect((await handshake(port, { ALPNProtocols: ['h2', 'http/1.1'] })).alpnProtocol).toBe('http/1.1');
  });

  it.each(['TLSv1.2', 'TLSv1.3'])(
    'resumes no session, so that every client is checked: %s',
    async (maxVersion) => {
      const { port } = await startTls();
      let session: Buffer | undefined;
      const first = await handshake(port, { maxVersion });
      first.on('session', (given) => {
        session = given;
      });
      first.write(GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
      await closed(first);
      expect((await handshake(port, { maxVersion, session })).isSessionReused()).toBe(false);
    },
  );

  describe('client certificates', () => {
    const refused = /ECONNRESET|socket hang up|EPIPE|alert/;
    const verified = (more = ''): string =>
      `  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ${authority.caFile}\n${more}`;

    it.each([
      ['NoClientCert', true, true, true],
      ['RequestClientCert', true, true, true],
      ['RequireAnyClientCert', false, true, true],
      ['VerifyClientCertIfGiven', true, true, false],
      ['RequireAndVerifyClientCert', false, true, false],
    ])('%s', async (type, withoutCertificate, withOurs, withStrange) => {
      const authorityLine = type.includes('Verify') ? `  client_ca_file: ${authority.caFile}\n` : '';
      const { origin } = await startTls(`  client_auth_type: ${type}\n${authorityLine}`);
      for (const [certificate, isAccepted] of [
        [undefined, withoutCertificate],
        [client, withOurs],
        [strange, withStrange],
      ] as const) {
        if (isAccepted) await get(origin, '/metrics', certificate).expect(200);
        else await expect(get(origin, '/metrics', certificate)).rejects.toThrow(refused);
      }
    });

    it('are asked of the health checks too, and a refusal is a debug line', async () => {
      const { origin, logger } = await startTls(verified());
      await expect(get(origin, '/-/healthy')).rejects.toThrow(refused);
      expect(logger.of('debug')).toEqual([
        {
          level: 'debug',
          message: 'client refused',
          fields: { address: '127.0.0.1', reason: 'no certificate presented' },
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
    ])('are accepted by name: %s', async (name, isAccepted) => {
      const { origin } = await startTls(verified(`  client_allowed_sans: [nobody, '${name}']\n`));
      if (isAccepted) await get(origin, '/metrics', client).expect(200);
      else await expect(get(origin, '/metrics', client)).rejects.toThrow(refused);
    });
  });
});
