import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadWebConfiguration, WebConfigurationError } from '../../../src/web/access/web-configuration.ts';
import { openssl } from '../../support/tools.ts';
import { Authority } from '../support/certificates.ts';
import { WebConfigFile } from '../support/web-config.ts';

const HASH = '$2y$04$S3Fxf7Tcv0GIlk51AOm9eOd0jPDGcdL22fpVLM42G4R0FwD3IKUxK';

/** The faults of a file, without the folder. */
async function faultsOf(file: WebConfigFile): Promise<string[]> {
  const error: unknown = await loadWebConfiguration(file.path).catch((reason: unknown) => reason);
  if (!(error instanceof WebConfigurationError)) throw new Error(`no faults: ${JSON.stringify(error)}`);
  expect(error.message).toBe(error.faults.join('\n'));
  return error.faults.map((fault) => fault.replaceAll(`${file.folder}/`, ''));
}

describe('a web configuration file', () => {
  it('may configure nothing', async () => {
    expect(await loadWebConfiguration(new WebConfigFile('{}').path)).toEqual({
      tls: undefined,
      headers: new Map(),
      users: new Map(),
      rateLimit: undefined,
    });
  });

  it('gives headers, users and a rate limit', async () => {
    const file = new WebConfigFile(`
http_server_config:
  http2: false
  headers:
    Content-Security-Policy: default-src 'self'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: '0'
    Strict-Transport-Security: ''
basic_auth_users:
  prometheus: ${HASH}
  '数': ${HASH}
  123: ${HASH}
rate_limit:
  interval: 100ms
  burst: 20
`);
    expect(await loadWebConfiguration(file.path)).toEqual({
      tls: undefined,
      headers: new Map([
        ['Content-Security-Policy', "default-src 'self'"],
        ['X-Frame-Options', 'deny'],
        ['X-Content-Type-Options', 'nosniff'],
        ['X-XSS-Protection', '0'],
      ]),
      users: new Map([
        ['123', HASH],
        ['prometheus', HASH],
        ['数', HASH],
      ]),
      rateLimit: { interval: 100, burst: 20 },
    });
  });

  it.each([
    'tls_server_config:',
    'http_server_config:',
    'http_server_config: {headers: }',
    'http_server_config: {http2: , headers: {X-XSS-Protection: }}',
    'rate_limit:',
    'rate_limit: {interval: , burst: ~}',
    ...['off', 'Off', 'OFF', 'no', 'No', 'NO', 'n', 'N', 'false', 'False', 'FALSE'].map(
      (word) => `http_server_config: {http2: ${word}}`,
    ),
  ])('takes what the toolkit takes for nothing: %s', async (text) => {
    expect(await loadWebConfiguration(new WebConfigFile(text).path)).toEqual({
      tls: undefined,
      headers: new Map(),
      users: new Map(),
      rateLimit: undefined,
    });
  });

  it.each(['0', '1.0', '0x1F', '1_000', '010', 'true', 'Off', 'yes', '1e3', '2001-01-01'])(
    'takes a scalar for its text, as it is written, where text is meant: %s',
    async (written) => {
      const file = new WebConfigFile(`http_server_config: {headers: {X-XSS-Protection: ${written}}}`);
      const { headers } = await loadWebConfiguration(file.path);
      expect(headers).toEqual(new Map([['X-XSS-Protection', written]]));
    },
  );

  it('takes such a scalar where an alias stands for it', async () => {
    const file = new WebConfigFile(
      'http_server_config: {headers: {X-XSS-Protection: &a 0.0, Strict-Transport-Security: *a}}',
    );
    const { headers } = await loadWebConfiguration(file.path);
    expect([...headers.values()]).toEqual(['0.0', '0.0']);
  });

  it('tells every fault at once, each with its line', async () => {
    const file = new WebConfigFile(`tls_server_confg: {}
tls_server_config:
  cert_file: ''
  client_auth_type: RequireAndVerifyClientCerts
  client_allowed_sans: []
  min_version: TLS10
  max_version: TLS11
  cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA, TLS_AES_128_GCM_SHA265, nonsense]
  curve_preferences: [CurveP256, CurvP384]
  prefer_server_cipher_suites: 'yes'
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
  old: ${HASH.replace('$2y$', '$2x$')}
  none:
rate_limit:
  interval: 5
  burst: 1.5
auth_excluded_paths: [/metrics]
`);
    expect(await faultsOf(file)).toEqual([
      'web.yml:1: tls_server_confg: unknown key: did you mean tls_server_config?',
      'web.yml:3: tls_server_config.cert_file: is empty: write the path of a file, or take the key out',
      'web.yml:4: tls_server_config.client_auth_type: "RequireAndVerifyClientCerts" is no client_auth_type (did you mean RequireAndVerifyClientCert?)',
      'web.yml:5: tls_server_config.client_allowed_sans: is empty: nobody could connect',
      "web.yml:6: tls_server_config.min_version: TLS10 cannot be honored: Node's OpenSSL speaks it only with its security level switched off; write TLS12 or TLS13",
      "web.yml:7: tls_server_config.max_version: TLS11 cannot be honored: Node's OpenSSL speaks it only with its security level switched off; write TLS12 or TLS13",
      "web.yml:8: tls_server_config.cipher_suites[0]: TLS_RSA_WITH_AES_128_CBC_SHA is insecure, and Go's list has it no more",
      'web.yml:8: tls_server_config.cipher_suites[1]: "TLS_AES_128_GCM_SHA265" is no cipher suite of Go: did you mean TLS_AES_128_GCM_SHA256?',
      'web.yml:8: tls_server_config.cipher_suites[2]: "nonsense" is no cipher suite of Go',
      'web.yml:9: tls_server_config.curve_preferences[1]: "CurvP384" is no curve (did you mean CurveP384?)',
      'web.yml:10: tls_server_config.prefer_server_cipher_suites: is text, but true or false is meant',
      'web.yml:12: http_server_config.http2: true cannot be honored: the exporter serves HTTP/1.1 only; write false, or take the key out',
      'web.yml:14: http_server_config.headers["x-frame-options"]: unknown key: did you mean X-Frame-Options?',
      'web.yml:15: http_server_config.headers["X-Frame-Options"]: "DENY" is not accepted (known: deny, sameorigin)',
      'web.yml:16: http_server_config.headers["X-XSS-Protection"]: has characters that no header may have',
      'web.yml:18: basic_auth_users.plain: is no bcrypt hash: a password itself must not stand here; make a hash with htpasswd -nBC 10 ""',
      'web.yml:19: basic_auth_users["a…"]: has a colon in it, and no client can send such a user name',
      'web.yml:20: basic_auth_users.slow: has the bcrypt cost 17: checking it would hold the exporter for too long, 16 is the highest that is accepted (10 is usual)',
      'web.yml:21: basic_auth_users.old: is no bcrypt hash: a password itself must not stand here; make a hash with htpasswd -nBC 10 ""',
      'web.yml:22: basic_auth_users.none: has no value, but text is meant',
      'web.yml:24: rate_limit.interval: is a number, but a duration is meant, such as 1s',
      'web.yml:25: rate_limit.burst: is not a whole number from 0 on',
      'web.yml:26: auth_excluded_paths: unknown key (known here: tls_server_config, http_server_config, basic_auth_users, rate_limit)',
    ]);
  });

  it.each([
    ['', 'web.yml:1: is empty: write {} where nothing is to be configured'],
    ['# only a comment\n', 'web.yml:1: is empty: write {} where nothing is to be configured'],
    ['- a\n', 'web.yml:1: is a list, but a map of keys and values is meant'],
    [
      'basic_auth_users:\n',
      'web.yml:1: basic_auth_users: has no value, but a map of keys and values is meant',
    ],
    ['basic_auth_users: {a: 123}', 'web.yml:1: basic_auth_users.a: is no bcrypt hash'],
    [
      'tls_server_config: {client_allowed_sans: }',
      'web.yml:1: tls_server_config.client_allowed_sans: has no value, but a list is meant',
    ],
    ['tls_server_config: true', 'web.yml:1: tls_server_config: is true or false, but a map of keys'],
    ['http_server_config: {http2: yes}', 'web.yml:1: http_server_config.http2: true cannot be honored'],
    [
      'http_server_config: {http2: "no"}',
      'web.yml:1: http_server_config.http2: is text, but true or false is meant',
    ],
    ['rate_limit: {interval: 1s, burst: 010}', 'web.yml:1: rate_limit.burst: is text, but a number is meant'],
    [
      'rate_limit: {interval: 1s, burst: 1_000}',
      'web.yml:1: rate_limit.burst: is text, but a number is meant',
    ],
    ['foo:\n', 'web.yml:1: foo: unknown key'],
    ['http_server_config: {<<: {http2: false}}', 'web.yml:1: http_server_config["<<"]: unknown key'],
    [
      'rate_limit: {interval: 1s}',
      'web.yml:1: rate_limit.burst: must be at least 1: with 0 no request would pass',
    ],
    [
      'rate_limit: {interval: 1d, burst: 1}',
      'web.yml:1: rate_limit.interval: "1d" is not a duration: write it like 100ms, 1s or 1m30s',
    ],
    [
      'basic_auth_users:\n  a: 1\n  a: 2\n',
      'web.yml:3: basic_auth_users.a: is given twice: keep one of the two',
    ],
    ['basic_auth_users:\n  __proto__: hunter2\n', 'web.yml:2: basic_auth_users.__proto__: is no user name'],
    ['__proto__: {}\n', 'web.yml:1: __proto__: unknown key'],
  ])('is refused: %j', async (text, fault) => {
    const faults = await faultsOf(new WebConfigFile(text));
    expect(faults[0]?.startsWith(fault), faults.join('\n')).toBe(true);
  });

  it('is told from a missing one, a folder, and what is no text', async () => {
    const file = new WebConfigFile(Buffer.from([0xff, 0xfe]).toString('latin1'));
    file.write(Buffer.from([0xff, 0xff]));
    expect(await faultsOf(file)).toEqual(['web.yml:1: web configuration file: it is not UTF-8 text']);
    const missing = join(file.folder, 'none.yml');
    await expect(loadWebConfiguration(missing)).rejects.toThrow(
      `${missing}:1: web configuration file: it does not exist`,
    );
    await expect(loadWebConfiguration(file.folder)).rejects.toThrow('it is a directory');
  });
});

describe.skipIf(openssl().missing)('tls_server_config', () => {
  const authority = new Authority();
  const server = authority.issue('server');
  const other = authority.issue('other');
  afterAll(() => authority.remove());
  const certificate = `cert_file: ${server.certFile}, key_file: ${server.keyFile}`;

  it('is read from files beside the configuration', async () => {
    const file = new WebConfigFile('tls_server_config: {cert_file: tls.crt, key_file: sub/tls.key}');
    mkdirSync(join(file.folder, 'sub'));
    file.write(server.cert, 'tls.crt');
    file.write(server.key, 'sub/tls.key');
    const { tls } = await loadWebConfiguration(file.path);
    expect(tls?.context).toMatchObject({
      cert: server.cert,
      key: server.key,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      honorCipherOrder: true,
      ecdhCurve: 'auto',
    });
    expect(tls?.clients).toEqual({ type: 'NoClientCert', allowedNames: undefined });
  });

  it('is read from the configuration itself', async () => {
    const block = (text: string): string => `|\n${text.replaceAll(/^/gm, '    ')}`;
    const file = new WebConfigFile(
      `tls_server_config:\n  cert: ${block(server.cert)}\n  key: ${block(server.key)}\n` +
        `  client_ca: ${block(authority.ca)}\n  client_auth_type: RequireClientCert\n`,
    );
    const { tls } = await loadWebConfiguration(file.path);
    expect(tls?.context.cert).toBe(server.cert);
    expect(tls?.clients.type).toBe('RequireAnyClientCert');
  });

  it.each([
    ['yes', true],
    ['y', true],
    ['On', true],
    ['TRUE', true],
    ['no', false],
    ['OFF', false],
    ['', true],
  ])(
    'takes prefer_server_cipher_suites: %s, and keys without a value as no keys',
    async (written, prefers) => {
      const file = new WebConfigFile(
        `tls_server_config: {${certificate}, prefer_server_cipher_suites: ${written}, client_auth_type: "",` +
          ' cipher_suites: , curve_preferences: , min_version: , client_ca_file: , cert: ~}',
      );
      const { tls } = await loadWebConfiguration(file.path);
      expect(tls?.context).toMatchObject({ honorCipherOrder: prefers, minVersion: 'TLSv1.2' });
      expect(tls?.clients).toEqual({ type: 'NoClientCert', allowedNames: undefined });
    },
  );

  it('takes numbers for names in client_allowed_sans', async () => {
    const file = new WebConfigFile(
      `tls_server_config: {${certificate}, client_auth_type: RequireAnyClientCert, client_allowed_sans: [1, 2.0]}`,
    );
    expect((await loadWebConfiguration(file.path)).tls?.clients.allowedNames).toEqual(['1', '2.0']);
  });

  it('gives OpenSSL the suites and curves by its own names, in their order', async () => {
    const file = new WebConfigFile(`tls_server_config:
  cert_file: ${server.certFile}
  key_file: ${server.keyFile}
  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]
  curve_preferences: [CurveP384, X25519]
  prefer_server_cipher_suites: false
  min_version: TLS12
  max_version: TLS12
`);
    const { tls } = await loadWebConfiguration(file.path);
    expect(tls?.context).toMatchObject({
      ciphers:
        'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:' +
        'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256',
      ecdhCurve: 'P-384:X25519',
      honorCipherOrder: false,
      maxVersion: 'TLSv1.2',
    });
  });

  it.each([
    [
      '{}',
      [
        'tls_server_config: cert_file is missing (or cert)',
        'tls_server_config: key_file is missing (or key)',
      ],
    ],
    [
      '{min_version: TLS13}',
      [
        'tls_server_config: cert_file is missing (or cert)',
        'tls_server_config: key_file is missing (or key)',
      ],
    ],
    [`{cert_file: ${server.certFile}}`, ['tls_server_config: key_file is missing (or key)']],
    [
      `{${certificate}, cert: "-----BEGIN CERTIFICATE-----"}`,
      ['tls_server_config.cert_file: stands beside cert: one source, not two'],
    ],
    [
      `{${certificate}, client_ca_file: ${authority.caFile}}`,
      [
        'tls_server_config.client_ca_file: has no effect: client_auth_type is NoClientCert, which asks for no certificate',
      ],
    ],
    [
      `{${certificate}, client_auth_type: VerifyClientCertIfGiven}`,
      [
        'tls_server_config.client_auth_type: VerifyClientCertIfGiven needs client_ca_file (or client_ca): public authorities are not trusted for clients',
      ],
    ],
    [
      `{${certificate}, client_auth_type: RequestClientCert, client_allowed_sans: [a]}`,
      [
        'tls_server_config.client_allowed_sans: needs client_auth_type RequireAnyClientCert or RequireAndVerifyClientCert: others let in clients without a certificate',
      ],
    ],
    [
      `{${certificate}, min_version: TLS13, max_version: TLS12}`,
      ['tls_server_config.max_version: is below min_version'],
    ],
    [
      `{${certificate}, max_version: TLS12, cipher_suites: [TLS_AES_128_GCM_SHA256]}`,
      ['tls_server_config.cipher_suites: are all of TLS 1.3, which max_version rules out'],
    ],
    [
      `{cert_file: ${server.certFile}, key_file: ${other.keyFile}}`,
      ['tls_server_config.key_file: is not the key of the certificate'],
    ],
    [
      `{cert_file: ${server.keyFile}, key_file: ${server.certFile}}`,
      [
        'tls_server_config.cert_file: holds no certificate in PEM form',
        'tls_server_config.key_file: holds no private key in PEM form',
      ],
    ],
    [
      '{cert_file: none.crt, key_file: .}',
      [
        'tls_server_config.cert_file: it does not exist',
        'tls_server_config.key_file: it is a directory: give the path of a file in it',
      ],
    ],
    [
      '{cert: hello, key: hello}',
      [
        'tls_server_config.cert: is not in PEM form: it has no line that begins with -----BEGIN',
        'tls_server_config.key: is not in PEM form: it has no line that begins with -----BEGIN',
      ],
    ],
  ])('is refused: %s', async (tls, faults) => {
    const file = new WebConfigFile(`tls_server_config: ${tls}`);
    expect(await faultsOf(file)).toEqual(faults.map((fault) => `web.yml:1: ${fault}`));
  });

  it('is refused with a broken certificate, key or authority', async () => {
    const file = new WebConfigFile(
      `tls_server_config: {cert_file: a, key_file: b, client_ca_file: c, client_auth_type: RequireAnyClientCert}`,
    );
    const broken = (kind: string): string => `-----BEGIN ${kind}-----\nAAAA\n-----END ${kind}-----\n`;
    file.write(broken('CERTIFICATE'), 'a');
    file.write(broken('PRIVATE KEY'), 'b');
    file.write(authority.ca + broken('CERTIFICATE'), 'c');
    expect(await faultsOf(file)).toEqual([
      'web.yml:1: tls_server_config.cert_file: the certificate in it is broken',
      'web.yml:1: tls_server_config.key_file: the private key in it is broken',
      'web.yml:1: tls_server_config.client_ca_file: certificate 2 of 2 in it is broken',
    ]);
  });

  it('is refused with an encrypted key', async () => {
    const file = new WebConfigFile(`tls_server_config: {cert_file: ${server.certFile}, key_file: encrypted}`);
    execFileSync(openssl().path, [
      ...['pkcs8', '-topk8', '-in', server.keyFile, '-passout', 'pass:x'],
      ...['-out', join(file.folder, 'encrypted')],
    ]);
    expect(await faultsOf(file)).toEqual([
      'web.yml:1: tls_server_config.key_file: holds an encrypted private key, and the format has no place for its passphrase: decrypt it',
    ]);
  });

  it('is refused where OpenSSL does not take it, here a key that is too short', async () => {
    const file = new WebConfigFile('tls_server_config: {cert_file: weak.crt, key_file: weak.key}');
    execFileSync(
      openssl().path,
      ['req', '-x509', '-newkey', 'rsa:512', '-nodes', '-subj', '/CN=weak', '-keyout', 'weak.key'].concat([
        ...['-out', 'weak.crt'],
      ]),
      { cwd: file.folder, stdio: 'ignore' },
    );
    const [fault] = await faultsOf(file);
    expect(fault).toMatch(/^web\.yml:1: tls_server_config: OpenSSL does not accept it: .*key too small/);
    expect(basename(file.path)).toBe('web.yml');
  });
});
