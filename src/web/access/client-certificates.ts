import type { X509Certificate } from 'node:crypto';
import { isIP, SocketAddress } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ClientAuthType } from './web-configuration-schema.ts';

/** Who may connect, by the certificate that the client has shown. */
export interface ClientCertificatePolicy {
  readonly type: ClientAuthType;
  /** One of these must be a Subject Alternative Name of the certificate; undefined lets in any. */
  readonly allowedNames: readonly string[] | undefined;
}

/** Whether the server asks its clients for a certificate at all. */
export function asksForCertificate({ type }: ClientCertificatePolicy): boolean {
  return type !== 'NoClientCert';
}

/**
 * Judges a connection whose handshake has ended.
 *
 * @returns why it must be closed, or undefined
 */
export function refusalOf(socket: TLSSocket, policy: ClientCertificatePolicy): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  switch (policy.type) {
    case 'NoClientCert':
    case 'RequestClientCert':
      return undefined;
    case 'VerifyClientCertIfGiven':
      return certificate === undefined ? undefined : refusalOfUnverified(socket);
    case 'RequireAnyClientCert':
      if (certificate === undefined) return 'it has shown no certificate';
      return refusalOfName(certificate, policy);
    case 'RequireAndVerifyClientCert':
      if (certificate === undefined) return 'it has shown no certificate';
      return refusalOfUnverified(socket) ?? refusalOfName(certificate, policy);
  }
}

function refusalOfUnverified(socket: TLSSocket): string | undefined {
  if (socket.authorized) return undefined;
  return `its certificate cannot be verified (${String(socket.authorizationError)})`;
}

function refusalOfName(
  { subjectAltName }: X509Certificate,
  { allowedNames }: ClientCertificatePolicy,
): string | undefined {
  if (allowedNames === undefined) return undefined;
  const allowed = new Set(allowedNames.map(canonical));
  const isAllowed = subjectAlternativeNames(subjectAltName ?? '').some((name) => allowed.has(name));
  return isAllowed ? undefined : 'no name in its certificate is among client_allowed_sans';
}

const NAME = /([^:,"]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/y;

/**
 * The DNS names, addresses and URIs in Node's text for the Subject Alternative Names of a certificate, IP
 * addresses in their shortest form. A value that could be mistaken for several stands in it as a JSON string.
 * A text that cannot be read from its start to its end names nobody.
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

function canonical(name: string): string {
  const family = isIP(name);
  if (family === 0) return name;
  return new SocketAddress({ address: name, family: family === 4 ? 'ipv4' : 'ipv6' }).address;
}
