import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '../support/tools.ts';
import type { KeyPair } from './front.ts';

export const openssl = requireTool('openssl');

export interface Certificates {
  /** The authority's own certificate, in PEM. */
  readonly authority: string;
  /** For localhost, by that authority. */
  readonly good: KeyPair;
  readonly expired: KeyPair;
  readonly ofAnotherHost: KeyPair;
  /** For localhost, signed by itself. */
  readonly selfSigned: KeyPair;
}

/** Makes an authority and some certificates with openssl. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const run = (...args: string[]): void =>
    void execFileSync(openssl.path, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const signed = (name: string, host: string, ...validity: string[]): KeyPair => {
    run('req', ...newKey, '-keyout', `${name}.key`, '-subj', `/CN=${host}`, '-out', `${name}.csr`);
    writeFileSync(join(folder, `${name}.ext`), `subjectAltName=DNS:${host}\n`);
    run(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-extfile',
      `${name}.ext`,
      ...validity,
      '-out',
      `${name}.pem`,
    );
    return { key: read(`${name}.key`), cert: read(`${name}.pem`) };
  };
  try {
    run(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      'ca.key',
      '-subj',
      '/CN=Authority of the tests',
      '-days',
      '2',
      '-out',
      'ca.pem',
    );
    run(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      'self.key',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
      '-days',
      '2',
      '-out',
      'self.pem',
    );
    return {
      authority: read('ca.pem'),
      good: signed('good', 'localhost', '-days', '2'),
      expired: signed('expired', 'localhost', '-days', '-1'),
      ofAnotherHost: signed('other', 'elsewhere.example', '-days', '2'),
      selfSigned: { key: read('self.key'), cert: read('self.pem') },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
