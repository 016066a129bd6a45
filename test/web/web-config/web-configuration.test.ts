import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/config/fault.ts';
import { CIPHER_SUITES, CURVES, openSslCiphers } from '../../../src/web/web-config/cipher-suites.ts';
import { loadWebConfiguration } from '../../../src/web/web-config/web-configuration.ts';
import { Authority } from '../../support/certificates.ts';
import { openssl } from '../../support/tools.ts';
import { WebConfigFile } from '../support/web-config.ts';

const HASH = '$2y$04$S3Fxf7Tcv0GIlk51AOm9eOd0jPDGcdL22fpVLM42G4R0FwD3IKUxK';

const load = (text: string) => loadWebConfiguration(new WebConfigFile(text).path);

/** The faults of the file at a path. */
function faultsAt(path: string): readonly string[] {
  try {
    loadWebConfiguration(path);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
}

/** The faults of a file, without its folder. */
function faultsOf(file: WebConfigFile): string[] {
  return faultsAt(file.path).map((fault) => fault.replaceAll(`${file.folder}/`, ''));
}

describe('a web configuration file', () => {
  it('configures headers, users and a rate limit', () => {
    const file = new WebConfigFile(`
http_server_config:
  http2: false
  headers:
    Content-Security-Policy: default-src 'self'
    X-Frame-Options: deny
    X-XSS-Protection: 010
basic_auth_users:
  prometheus: ${HASH}
  '数': ${HASH}
  010: ${HASH}
  yes: ${HASH}
rate_limit:
  interval: 1m1.5s100ms
  burst: 20
`);
    expect(loadWebConfiguration(file.path)).toEqual({
      tls: undefined,
      headers: new Map([
        ['Content-Security-Policy', "default-src 'self'"],
        ['X-Frame-Options', 'deny'],
        ['X-XSS-Protection', '010'],
      ]),
      users: new Map(['prometheus', '数', '010', 'yes'].map((user) => [user, HASH])),
      rateLimit: { interval: 61_600, burst: 20 },
    });
  });

  it.each([
    '{}',
    'tls_server_config:',
    'http_server_config: ~',
    'http_server_config: {http2: , headers: {X-XSS-Protection: , X-Frame-Options: ""}}',
    'rate_limit: {interval: , burst: ~}',
    'rate_limit: {interval: 0, burst: 0}',
    ...['off', 'No', 'n', 'FALSE'].map((word) => `http_server_config: {http2: ${word}}`),
  ])('configures nothing: %s', (text) => {
    expect(load(text)).toEqual({
      tls: undefined,
      headers: new Map(),
      users: undefined,
      rateLimit: undefined,
    });
  });

  it('is refused with every fault at once, with its line and without a secret', () => {
    const file = new WebConfigFile(`tls_server_confg: {}
tls_server_config:
  client_auth_type: RequireAndVerifyClientCerts
  client_allowed_sans: []
  min_version: TLS10
  cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA, TLS_AES_128_GCM_SHA265]
  curve_preferences: [CurveP256, CurvP384]
  prefer_server_cipher_suites: maybe
http_server_config:
  http2: true
  headers:
    x-frame-options: deny
    X-Frame-Options: DENY
    X-XSS-Protection: "a\\nb"
basic_auth_users:
  plain: hunter2
  'a:b': ${HASH}
  slow: ${HASH.replace('$04$', '$17$')}
  none:
rate_limit:
  interval: 5
  burst: 1.5
`);
    const faults = faultsOf(file);
    expect(faults.join('\n')).not.toContain('hunter2');
    for (const [index, start] of [
      'web.yml:1: tls_server_confg: unknown key: did you mean tls_server_config?',
      'web.yml:2: tls_server_config: cert_file is missing (or cert)',
      'web.yml:2: tls_server_config: key_file is missing (or key)',
      'web.yml:3: tls_server_config.client_auth_type: "RequireAndVerifyClientCerts" is not supported: did you mean',
      'web.yml:4: tls_server_config.client_allowed_sans: is empty',
      'web.yml:5: tls_server_config.min_version: "TLS10" is not supported',
      'web.yml:6: tls_server_config.cipher_suites[0]: "TLS_RSA_WITH_AES_128_CBC_SHA" is not supported',
      'web.yml:6: tls_server_config.cipher_suites[1]: "TLS_AES_128_GCM_SHA265" is not supported: did you mean',
      'web.yml:7: tls_server_config.curve_preferences[1]: "CurvP384" is not supported: did you mean CurveP384?',
      'web.yml:8: tls_server_config.prefer_server_cipher_suites: "maybe" is neither true nor false',
      'web.yml:10: http_server_config.http2: true is not supported',
      'web.yml:12: http_server_config.headers["x-frame-options"]: unknown key: did you mean X-Frame-Options?',
      'web.yml:13: http_server_config.headers["X-Frame-Options"]: "DENY" is not supported: use deny or sameorigin',
      'web.yml:14: http_server_config.headers["X-XSS-Protection"]: has characters that are not allowed',
      'web.yml:16: basic_auth_users.plain: is not a bcrypt hash',
      'web.yml:17: basic_auth_users["a…"]: has a colon',
      'web.yml:18: basic_auth_users.slow: has the bcrypt cost 17: use 4 to 16',
      'web.yml:19: basic_auth_users.none: is not a bcrypt hash',
      'web.yml:21: rate_limit.interval: "5" is not a duration',
      'web.yml:22: rate_limit.burst: "1.5" is not a whole number',
    ].entries()) {
      expect(faults[index]?.slice(0, start.length)).toBe(start);
    }
    expect(faults).toHaveLength(20);
  });

  it.each([
    ['', 'web.yml:1: is empty'],
    ['# only a comment\n', 'web.yml:1: is empty'],
    ['- a\n', 'web.yml:1: is a list, but a map is expected'],
    ['{}\n---\n{}\n', 'web.yml:2: broken YAML: a second document begins here'],
    ['basic_auth_users:\n', 'web.yml:1: basic_auth_users: is empty'],
    ['basic_auth_users: {}\n', 'web.yml:1: basic_auth_users: has no user'],
    ['basic_auth_users: {__proto__: a}\n', 'web.yml:1: basic_auth_users: has no user'],
    ['basic_auth_users: [a]\n', 'web.yml:1: basic_auth_users: is a list, but a map is expected'],
    [`basic_auth_users:\n  a: ${HASH}\n  a: ${HASH}\n`, 'web.yml:3: broken YAML: this key is given twice'],
    ['tls_server_config: true', 'web.yml:1: tls_server_config: is text, but a map is expected'],
    ['http_server_config: {<<: {http2: false}}', 'web.yml:1: http_server_config["<<"]: unknown key'],
    ['rate_limit: {interval: 1s}', 'web.yml:1: rate_limit.burst: must be at least 1'],
    ['rate_limit: {interval: 1s, burst: 010}', 'web.yml:1: rate_limit.burst: "010" is not a whole number'],
  ])('is refused: %j', (text, fault) => {
    const [first = ''] = faultsOf(new WebConfigFile(text));
    expect(first.slice(0, fault.length)).toBe(fault);
  });

  it('must be a file of at most 1 MiB', () => {
    const file = new WebConfigFile(`{} #${'x'.repeat(1_048_576)}`);
    expect(faultsOf(file)).toEqual(['web.yml:1: web configuration file: web.yml is larger than 1 MiB']);
    expect(faultsAt(file.folder)[0]).toContain('is not a regular file');
    const missing = join(file.folder, 'none.yml');
    expect(faultsAt(missing)[0]).toContain(`${missing}:1: web configuration file: ENOENT`);
  });
});

describe.skipIf(openssl().missing)('tls_server_config', () => {
  const authority = new Authority();
  const server = authority.issue('server');
  const other = authority.issue('other');
  afterAll(() => authority.remove());
  const certificate = `cert_file: ${server.certFile}, key_file: ${server.keyFile}`;

  it('is read from files beside the configuration', () => {
    const file = new WebConfigFile(
      'tls_server_config: {cert_file: tls.crt, key_file: sub/tls.key}',
      (folder) => {
        mkdirSync(join(folder, 'sub'));
      },
    );
    file.write(server.cert, 'tls.crt');
    file.write(server.key, 'sub/tls.key');
    const { tls } = loadWebConfiguration(file.path);
    expect(tls?.context).toMatchObject({
      cert: server.cert,
      key: server.key,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      honorCipherOrder: true,
      ecdhCurve: 'auto',
      ciphers: Object.values(CIPHER_SUITES).join(':'),
    });
    expect(tls?.clients).toEqual({ type: 'NoClientCert', allowedNames: undefined });
  });

  it('is read from the configuration itself', () => {
    const block = (text: string): string => `|\n${text.replaceAll(/^/gm, '    ')}`;
    const { tls } = load(
      `tls_server_config:\n  cert: ${block(server.cert)}\n  key: ${block(server.key)}\n` +
        `  client_ca: ${block(authority.ca)}\n  client_auth_type: RequireClientCert\n  client_allowed_sans: [010]\n`,
    );
    expect(tls?.context.cert).toBe(server.cert);
    expect(tls?.clients).toEqual({ type: 'RequireAnyClientCert', allowedNames: ['010'] });
  });

  it.each([
    ['On', true],
    ['no', false],
    ['', true],
  ])('accepts prefer_server_cipher_suites: %s, and ignores keys without a value', (written, prefers) => {
    const { tls } = load(
      `tls_server_config: {${certificate}, prefer_server_cipher_suites: ${written}, client_auth_type: "",` +
        ' cipher_suites: , curve_preferences: , min_version: , client_ca_file: , cert: ~}',
    );
    expect(tls?.context).toMatchObject({ honorCipherOrder: prefers, minVersion: 'TLSv1.2' });
  });

  it.each([
    ['{}', [': cert_file is missing', ': key_file is missing']],
    [`{${certificate}, cert: x}`, ['.cert_file: conflicts with cert: keep one of the two']],
    [`{${certificate}, client_ca_file: ${authority.caFile}}`, ['.client_ca_file: has no effect']],
    ...['VerifyClientCertIfGiven', 'RequireAndVerifyClientCert'].map((type): [string, string[]] => [
      `{${certificate}, client_auth_type: ${type}}`,
      [`.client_auth_type: ${type} needs client_ca_file`],
    ]),
    [
      `{${certificate}, client_auth_type: RequestClientCert, client_allowed_sans: [a]}`,
      ['.client_allowed_sans: needs client_auth_type RequireAnyClientCert or'],
    ],
    [`{${certificate}, min_version: TLS13, max_version: TLS12}`, ['.max_version: is below min_version']],
    [
      `{cert_file: ${server.certFile}, key_file: ${other.keyFile}}`,
      ['.key_file: does not belong to the certificate'],
    ],
    [
      `{cert_file: ${server.keyFile}, key_file: ${server.certFile}}`,
      ['.cert_file: has no certificate in PEM form', '.key_file: has no private key in PEM form'],
    ],
    ['{cert_file: none.crt, key_file: .}', ['.cert_file: ENOENT', '.key_file: ']],
  ])('is refused: %s', (tls, expected) => {
    const faults = faultsOf(new WebConfigFile(`tls_server_config: ${tls}`));
    const starts = expected.map((fault) => `web.yml:1: tls_server_config${fault}`);
    expect(faults.map((fault, index) => fault.slice(0, starts[index]?.length))).toEqual(starts);
  });

  it('is refused with a broken certificate, key or CA, and with an encrypted key', () => {
    const file = new WebConfigFile(
      'tls_server_config: {cert_file: a, key_file: b, client_ca_file: c, client_auth_type: RequireAnyClientCert}',
    );
    const broken = (kind: string): string => `-----BEGIN ${kind}-----\nAAAA\n-----END ${kind}-----\n`;
    file.write(broken('CERTIFICATE'), 'a');
    file.write(broken('PRIVATE KEY'), 'b');
    file.write(authority.ca + broken('CERTIFICATE'), 'c');
    const places = [
      'cert_file: certificate 1 of 1',
      'key_file: has no private key',
      'client_ca_file: certificate 2 of 2',
    ];
    const faults = faultsOf(file);
    for (const [index, place] of places.entries()) {
      expect(faults[index]).toContain(`web.yml:1: tls_server_config.${place}`);
    }
    execFileSync(openssl().path, [
      ...['pkcs8', '-topk8', '-in', server.keyFile, '-passout', 'pass:x', '-out', join(file.folder, 'b')],
    ]);
    expect(faultsOf(file)[1]).toContain('key_file: has an encrypted private key');
  });

  it('is refused if OpenSSL does not accept it, such as a key that is too short', () => {
    const file = new WebConfigFile('tls_server_config: {cert_file: weak.crt, key_file: weak.key}');
    execFileSync(
      openssl().path,
      'req -x509 -newkey rsa:512 -nodes -subj /CN=weak -keyout weak.key -out weak.crt'.split(' '),
      { cwd: file.folder, stdio: 'ignore' },
    );
    const [fault] = faultsOf(file);
    expect(fault).toMatch(/^web\.yml:1: tls_server_config: OpenSSL does not accept it: .*key too small/);
  });
});

describe('cipher suites and curves', () => {
  it('are known to OpenSSL', () => {
    for (const suite of Object.keys(CIPHER_SUITES)) {
      expect(() => createSecureContext({ ciphers: openSslCiphers([suite]) })).not.toThrow();
    }
    for (const ecdhCurve of Object.values(CURVES))
      expect(() => createSecureContext({ ecdhCurve })).not.toThrow();
  });

  it('of TLS 1.3 are the configured ones, or all', () => {
    expect(openSslCiphers(['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA'])).toBe(
      'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-RSA-AES128-SHA',
    );
    expect(openSslCiphers(['TLS_AES_256_GCM_SHA384'])).toBe('TLS_AES_256_GCM_SHA384');
  });
});
