import type { X509Certificate } from 'node:crypto';
import { isIP, SocketAddress } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ClientAuthType } from './schema.ts';

/** Which clients may connect, by the certificate that they present. */
export interface ClientCertificatePolicy {
  readonly type: ClientAuthType;
  /** One of these must be a Subject Alternative Name of the certificate; undefined accepts any. */
  readonly allowedNames: readonly string[] | undefined;
}

/** Why a connection whose handshake has ended must be closed, or undefined. */
export function refusalOf(
  socket: TLSSocket,
  { type, allowedNames }: ClientCertificatePolicy,
): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (type === 'NoClientCert' || type === 'RequestClientCert') return undefined;
  if (certificate === undefined)
    return type === 'VerifyClientCertIfGiven' ? undefined : 'no certificate presented';
  if (type !== 'RequireAnyClientCert' && !socket.authorized) {
    return `certificate not verified (${String(socket.authorizationError)})`;
  }
  return hasName(certificate, allowedNames)
    ? undefined
    : 'no name of the certificate is in client_allowed_sans';
}

function hasName(
  { subjectAltName = '' }: X509Certificate,
  allowedNames: readonly string[] | undefined,
): boolean {
  if (allowedNames === undefined) return true;
  const allowed = new Set(allowedNames.map(canonical));
  return subjectAlternativeNames(subjectAltName).some((name) => allowed.has(name));
}

const NAME = /([^:,"]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/y;

/**
 * The DNS names, addresses and URIs in Node's text for the Subject Alternative Names of a certificate. Ambiguous
 * values in it are JSON strings. A text that cannot be parsed to its end has no names.
 */
export function subjectAlternativeNames(text: string): string[] {
  const names: string[] = [];
  NAME.lastIndex = 0;
  for (let end = 0; end < text.length; end = NAME.lastIndex) {
    const [, kind, value] = NAME.exec(text) ?? [];
    if (value === undefined) return [];
    if (kind === 'IP Address') names.push(canonical(value));
    else if (kind === 'DNS' || kind === 'email' || kind === 'URI') {
      names.push(value.startsWith('"') ? String(JSON.parse(value)) : value);
    }
  }
  return names;
}

/** IP addresses in their shortest form, everything else as it is. */
function canonical(name: string): string {
  const family = isIP(name);
  if (family === 0) return name;
  return new SocketAddress({ address: name, family: family === 4 ? 'ipv4' : 'ipv6' }).address;
}
