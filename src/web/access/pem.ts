import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * Reads all certificates of a text in PEM form, in their order.
 *
 * @throws {Error} where there is none, or one is broken; the message follows the place of the text
 */
export function readCertificates(pem: string): X509Certificate[] {
  const blocks = pem.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new Error('holds no certificate in PEM form');
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      const which = blocks.length === 1 ? 'the certificate' : `certificate ${index + 1} of ${blocks.length}`;
      throw new Error(`${which} in it is broken`);
    }
  });
}

/**
 * Reads a private key in PEM form.
 *
 * @throws {Error} where there is none, or it is encrypted or broken; the message follows the place of the text
 */
export function readPrivateKey(pem: string): KeyObject {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) throw new Error('holds no private key in PEM form');
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: *4, *ENCRYPTED/.test(pem)) {
    throw new Error(
      'holds an encrypted private key, and the format has no place for its passphrase: decrypt it',
    );
  }
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error('the private key in it is broken');
  }
}
