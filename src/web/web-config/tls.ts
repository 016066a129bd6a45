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

/**
 * Reads and checks certificates and keys.
 *
 * @param read reads a file that the configuration names
 * @param faults receives what is wrong
 */
export function buildTls(
  tls: ParsedTls,
  read: (file: string) => string,
  faults: Fault[],
): TlsConfiguration | undefined {
  const before = faults.length;
  const load = <Parsed>(key: 'cert' | 'key' | 'client_ca', parse: (pem: string) => Parsed) => {
    const file = tls[`${key}_file`];
    try {
      const pem = file === undefined ? tls[key] : read(file);
      return pem === undefined ? undefined : { pem, parsed: parse(pem) };
    } catch (error) {
      const path = ['tls_server_config', file === undefined ? key : `${key}_file`];
      faults.push({ path, message: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  };
  const cert = load('cert', readCertificates);
  const key = load('key', (pem) => {
    const parsed = readPrivateKey(pem);
    if (cert?.parsed[0]?.checkPrivateKey(parsed) === false)
      throw new Error('does not belong to the certificate');
  });
  const authority = load('client_ca', readCertificates);
  if (faults.length > before) return undefined;

  const curves = tls.curve_preferences.map((curve) => CURVES[curve] ?? curve);
  const context: SecureContextOptions = {
    cert: cert?.pem,
    key: key?.pem,
    ca: authority?.pem,
    minVersion: tls.min_version === 'TLS13' ? 'TLSv1.3' : 'TLSv1.2',
    maxVersion: tls.max_version === 'TLS12' ? 'TLSv1.2' : 'TLSv1.3',
    ciphers: openSslCiphers(tls.cipher_suites),
    ecdhCurve: curves.length === 0 ? 'auto' : curves.join(':'),
    honorCipherOrder: tls.prefer_server_cipher_suites,
    // Without tickets no session is resumed: each connection is checked by the current certificates.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
  try {
    createSecureContext(context);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    faults.push({ path: ['tls_server_config'], message: `OpenSSL does not accept it: ${reason}` });
  }
  return { context, clients: { type: tls.client_auth_type, allowedNames: tls.client_allowed_sans } };
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Reads each certificate, because OpenSSL silently skips broken ones in an authority file. */
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
