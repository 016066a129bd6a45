import { connect, type TLSSocket } from 'node:tls';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Authority, type Issued } from '../../support/certificates.ts';
import { openssl } from '../../support/tools.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { EXPOSITION, type Started, start } from '../support/start.ts';
import { WebConfigFile } from '../support/web-config.ts';

const GET = 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n';

describe.skipIf(openssl().missing)('TLS', () => {
  let authority: Authority;
  let otherAuthority: Authority;
  let server: Issued;
  let client: Issued;
  let foreign: Issued;
  beforeAll(() => {
    authority = new Authority();
    otherAuthority = new Authority();
    server = authority.issue('server');
    client = authority.issue('client', [
      'DNS:prometheus.example.org',
      'email:ops@example.org',
      'IP:2001:db8::1',
      'URI:spiffe://example.org/a,b',
    ]);
    foreign = otherAuthority.issue('foreign', ['DNS:prometheus.example.org']);
  });
  afterAll(() => {
    authority.remove();
    otherAuthority.remove();
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

  it('is logged, and closes a plain HTTP connection', async () => {
    const { port, origin, logger } = await startTls();
    expect(logger.of('info')[0]?.fields).toMatchObject({ tls: true, password: false });
    expect(await new RawConnection(port).send(GET).ended).not.toContain('HTTP/1.1 200');
    await get(origin).expect(200, EXPOSITION.toString());
    expect(logger.of('error')).toEqual([]);
  });

  it('on close ends silent connections at once, before and after the handshake, and finishes answers', async () => {
    const { web, port, origin } = await startTls('', Buffer.alloc(32_000_000, 'x'));
    const silent = new RawConnection(port);
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
    // The server accepts connections in order.
    await get(origin, '/-/healthy').expect(200);
    const ended = web.close(10_000);
    await Promise.all([silent.ended, closed(idle)]);
    slow.resume();
    await closed(slow);
    expect(received).toBeGreaterThan(32_000_000);
    await ended;
  });

  it('uses the versions, cipher suites and curves of the configuration', async () => {
    const { port } = await startTls(
      '  min_version: TLS12\n  max_version: TLS12\n  curve_preferences: [CurveP384]\n' +
        '  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n',
    );
    const socket = await handshake(port, {
      ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384',
    });
    expect(socket.getProtocol()).toBe('TLSv1.2');
    expect(socket.getCipher().name).toBe('ECDHE-ECDSA-AES256-GCM-SHA384');
    expect(socket.getEphemeralKeyInfo()).toMatchObject({ name: 'secp384r1' });
    await expect(handshake(port, { minVersion: 'TLSv1.3' })).rejects.toThrow(/alert protocol version/);
    await expect(handshake(port, { ecdhCurve: 'P-256' })).rejects.toThrow(/handshake failure/);
  });

  it.each(['TLSv1.2', 'TLSv1.3'])(
    'does not resume sessions, so that every client is checked: %s',
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
    ])('%s', async (type, withoutCertificate, withOurs, withForeign) => {
      const authorityLine = type.includes('Verify') ? `  client_ca_file: ${authority.caFile}\n` : '';
      const { origin } = await startTls(`  client_auth_type: ${type}\n${authorityLine}`);
      for (const [certificate, isAccepted] of [
        [undefined, withoutCertificate],
        [client, withOurs],
        [foreign, withForeign],
      ] as const) {
        if (isAccepted) await get(origin, '/metrics', certificate).expect(200);
        else await expect(get(origin, '/metrics', certificate)).rejects.toThrow(refused);
      }
    });

    it('are required for the health checks too, and refusals are logged at debug level', async () => {
      const { origin, logger } = await startTls(verified());
      await expect(get(origin, '/-/healthy')).rejects.toThrow(refused);
      await expect(get(origin.replace('https', 'http'), '/-/healthy')).rejects.toThrow(refused);
      expect(logger.of('debug')).toEqual([
        {
          level: 'debug',
          message: 'client refused',
          fields: { address: '127.0.0.1', reason: 'no certificate presented' },
        },
        {
          level: 'debug',
          message: 'client refused',
          fields: { address: '127.0.0.1', reason: 'TLS handshake failed (ERR_SSL_HTTP_REQUEST)' },
        },
      ]);
    });

    it.each([
      ['prometheus.example.org', true],
      ['2001:0db8:0::0001', true],
      ['spiffe://example.org/a,b', true],
      ['example.org', false],
      ['client', false],
    ])('are checked against client_allowed_sans: %s', async (name, isAccepted) => {
      const { origin } = await startTls(verified(`  client_allowed_sans: [nobody, '${name}']\n`));
      if (isAccepted) await get(origin, '/metrics', client).expect(200);
      else await expect(get(origin, '/metrics', client)).rejects.toThrow(refused);
    });
  });
});
