import { Authority } from '../support/certificates.ts';
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
  readonly selfSigned: KeyPair;
}

/** Makes an authority and some certificates. */
export function makeCertificates(): Certificates {
  const [authority, unknown] = [new Authority(), new Authority()];
  try {
    return {
      authority: authority.ca,
      good: authority.issue('good'),
      expired: authority.issue('expired', ['DNS:localhost'], -1),
      ofAnotherHost: authority.issue('other', ['DNS:elsewhere.example']),
      selfSigned: unknown.own,
    };
  } finally {
    authority.remove();
    unknown.remove();
  }
}
