import { createSecureContext } from 'node:tls';
import { describe, expect, it } from 'vitest';
import {
  CIPHER_SUITES,
  CURVES,
  INSECURE_CIPHER_SUITES,
  isTls13Suite,
  openSslCiphers,
} from '../../../src/web/access/cipher-suites.ts';

describe('cipher suites', () => {
  it.each(Object.keys(CIPHER_SUITES))('are known to OpenSSL: %s', (suite) => {
    expect(() => createSecureContext({ ciphers: openSslCiphers([suite]) })).not.toThrow();
  });

  it.each(Object.values(CURVES))('have curves that are known to OpenSSL: %s', (ecdhCurve) => {
    expect(() => createSecureContext({ ecdhCurve })).not.toThrow();
  });

  it('are told from those that Go calls insecure', () => {
    for (const suite of INSECURE_CIPHER_SUITES) expect(CIPHER_SUITES).not.toHaveProperty(suite);
  });

  it('of TLS 1.3 are the ones that were named, or all', () => {
    expect(openSslCiphers(['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA']).split(':')).toEqual([
      ...Object.keys(CIPHER_SUITES).filter(isTls13Suite),
      'ECDHE-RSA-AES128-SHA',
    ]);
    expect(openSslCiphers(['TLS_AES_256_GCM_SHA384'])).toBe('TLS_AES_256_GCM_SHA384');
    expect(openSslCiphers([])).toBe(Object.values(CIPHER_SUITES).join(':'));
  });
});
