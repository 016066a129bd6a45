import { constants, type X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Fault } from '../../config/fault.ts';
import { CURVES, isTls13Suite, openSslCiphers } from './cipher-suites.ts';
import type { ClientCertificatePolicy } from './client-certificates.ts';
import { readCertificates, readPrivateKey } from './pem.ts';
import type { ParsedTls } from './web-configuration-schema.ts';

/** What TLS needs, with everything read from its files. */
export interface TlsConfiguration {
  readonly context: SecureContextOptions;
  readonly clients: ClientCertificatePolicy;
}

/** The three texts in PEM form; undefined where there is none, or it could not be read. */
export interface TlsTexts {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly client_ca: string | undefined;
}

type Report = (key: keyof ParsedTls | undefined, message: string) => void;

/** What is wrong between the keys of `tls_server_config`, before any file is read. */
export function faultsBetweenTlsKeys(tls: ParsedTls): Fault[] {
  const faults: Fault[] = [];
  const report: Report = (key, message) => {
    faults.push({ path: key === undefined ? ['tls_server_config'] : ['tls_server_config', key], message });
  };
  for (const key of ['cert', 'key', 'client_ca'] as const) {
    const file = `${key}_file` as const;
    if (tls[key] !== undefined && tls[file] !== undefined) {
      report(file, `stands beside ${key}: one source, not two`);
    } else if (tls[key] === undefined && tls[file] === undefined && key !== 'client_ca') {
      report(undefined, `${file} is missing (or ${key})`);
    }
  }
  checkClientKeys(tls, report);
  if (tls.min_version === 'TLS13' && tls.max_version === 'TLS12') {
    report('max_version', 'is below min_version');
  }
  const suites = tls.cipher_suites;
  if (suites.length > 0 && tls.max_version === 'TLS12' && suites.every(isTls13Suite)) {
    report('cipher_suites', 'are all of TLS 1.3, which max_version rules out');
  }
  return faults;
}

function checkClientKeys(tls: ParsedTls, report: Report): void {
  const type = tls.client_auth_type;
  const hasAuthority = tls.client_ca !== undefined || tls.client_ca_file !== undefined;
  const verifies = type === 'VerifyClientCertIfGiven' || type === 'RequireAndVerifyClientCert';
  if (hasAuthority && type === 'NoClientCert') {
    const key = tls.client_ca_file === undefined ? 'client_ca' : 'client_ca_file';
    report(key, 'has no effect: client_auth_type is NoClientCert, which asks for no certificate');
  }
  if (verifies && !hasAuthority) {
    report(
      'client_auth_type',
      `${type} needs client_ca_file (or client_ca): public authorities are not trusted for clients`,
    );
  }
  const requires = type === 'RequireAnyClientCert' || type === 'RequireAndVerifyClientCert';
  if (tls.client_allowed_sans !== undefined && !requires) {
    report(
      'client_allowed_sans',
      'needs client_auth_type RequireAnyClientCert or RequireAndVerifyClientCert: others let in clients without a certificate',
    );
  }
}

/** Builds what TLS needs, or reports what is wrong with the texts. */
export function buildTls(tls: ParsedTls, texts: TlsTexts, faults: Fault[]): TlsConfiguration | undefined {
  const before = faults.length;
  const placeOf = (key: keyof TlsTexts): keyof ParsedTls =>
    tls[`${key}_file`] === undefined ? key : `${key}_file`;
  const attempt = <Result>(key: keyof TlsTexts, read: (pem: string) => Result): Result | undefined => {
    const pem = texts[key];
    if (pem === undefined) return undefined;
    try {
      return read(pem);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      faults.push({ path: ['tls_server_config', placeOf(key)], message });
      return undefined;
    }
  };
  const [certificate]: (X509Certificate | undefined)[] = attempt('cert', readCertificates) ?? [];
  const key = attempt('key', readPrivateKey);
  attempt('client_ca', readCertificates);
  if (certificate === undefined || key === undefined || faults.length > before) return undefined;
  if (!certificate.checkPrivateKey(key)) {
    const message = 'is not the key of the certificate';
    faults.push({ path: ['tls_server_config', placeOf('key')], message });
    return undefined;
  }
  const context = contextOf(tls, texts);
  try {
    createSecureContext(context);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    faults.push({ path: ['tls_server_config'], message: `OpenSSL does not accept it: ${message}` });
    return undefined;
  }
  return { context, clients: { type: tls.client_auth_type, allowedNames: tls.client_allowed_sans } };
}

function contextOf(tls: ParsedTls, { cert, key, client_ca }: TlsTexts): SecureContextOptions {
  const curves = tls.curve_preferences.map((curve) => CURVES[curve] ?? curve);
  return {
    cert,
    key,
    ca: client_ca,
    minVersion: tls.min_version === 'TLS13' ? 'TLSv1.3' : 'TLSv1.2',
    maxVersion: tls.max_version === 'TLS12' ? 'TLSv1.2' : 'TLSv1.3',
    ciphers: openSslCiphers(tls.cipher_suites),
    ecdhCurve: curves.length === 0 ? 'auto' : curves.join(':'),
    honorCipherOrder: tls.prefer_server_cipher_suites,
    // Without tickets no session is resumed: each connection is judged by the certificates of the day.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
}
