import { constants, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Fault } from '../../config/fault.ts';
import { CURVES, openSslCiphers } from './cipher-suites.ts';
import type { ClientCertificatePolicy } from './client-certificates.ts';
import type { ParsedTls } from './schema.ts';

/** What a TLS server needs, with everything read from its files. */
export interface TlsConfiguration {
  readonly context: SecureContextOptions;
  readonly clients: ClientCertificatePolicy;
}

/** The texts in PEM form; undefined where there is none, or it could not be read. */
export interface PemTexts {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly client_ca: string | undefined;
}

/** Checks certificates and keys, and puts them together; faults are added to those that are known. */
export function buildTls(tls: ParsedTls, texts: PemTexts, faults: Fault[]): TlsConfiguration | undefined {
  const before = faults.length;
  const report = (key: keyof PemTexts, message: string): void => {
    const place = tls[`${key}_file`] === undefined ? key : `${key}_file`;
    faults.push({ path: ['tls_server_config', place], message });
  };
  const attempt = <Result>(key: keyof PemTexts, read: (pem: string) => Result): Result | undefined => {
    const pem = texts[key];
    try {
      return pem === undefined ? undefined : read(pem);
    } catch (error) {
      report(key, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  const certificate = attempt('cert', readCertificates)?.[0];
  const key = attempt('key', readPrivateKey);
  attempt('client_ca', readCertificates);
  if (certificate !== undefined && key !== undefined && !certificate.checkPrivateKey(key)) {
    report('key', 'does not belong to the certificate');
  }
  const context = contextOf(tls, texts);
  if (faults.length > before) return undefined;
  try {
    createSecureContext(context);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    faults.push({ path: ['tls_server_config'], message: `OpenSSL does not accept it: ${reason}` });
  }
  return { context, clients: { type: tls.client_auth_type, allowedNames: tls.client_allowed_sans } };
}

function contextOf(tls: ParsedTls, { cert, key, client_ca }: PemTexts): SecureContextOptions {
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
    // Without tickets no session is resumed: each connection is checked by the current certificates.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Reads each certificate, for OpenSSL leaves broken ones of an authority file out without a word. */
function readCertificates(pem: string): X509Certificate[] {
  const blocks = pem.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new Error('has no certificate in PEM form');
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new Error(`certificate ${index + 1} of ${blocks.length} in it is broken`);
    }
  });
}

function readPrivateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error(
      pem.includes('ENCRYPTED')
        ? 'has an encrypted private key: decrypt it'
        : 'has no private key in PEM form, or a broken one',
    );
  }
}
