import { isIPv6 } from 'node:net';

/** Where to listen. Without a host: on all addresses of the machine, IPv4 and IPv6. */
export interface ListenAddress {
  readonly host: string | undefined;
  /** 0 to 65535; 0 lets the system pick a free one. */
  readonly port: number;
}

const FORM = /^(?:\[(?<bracketed>[^\]]*)\]|(?<plain>[^:[\]]*)):(?<port>\d{1,5})$/;
const HOST_NAME = /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,253}[A-Za-z0-9_.])?$/;

/**
 * Reads `host:port`, `[v6]:port` or `:port`.
 *
 * @throws {Error} for anything else, with the text and the accepted forms
 */
export function parseListenAddress(text: string): ListenAddress {
  const groups = FORM.exec(text)?.groups;
  const invalid = (problem: string): Error =>
    new Error(
      `listen address ${JSON.stringify(text)}: ${problem}; write host:port, [IPv6 address]:port or :port`,
    );
  if (groups === undefined) throw invalid(isIPv6(text) ? 'an IPv6 address needs brackets' : 'not understood');
  const port = Number(groups['port']);
  if (port > 65_535) throw invalid('a port is at most 65535');
  const { bracketed, plain } = groups;
  if (bracketed !== undefined) {
    if (!isIPv6(bracketed)) throw invalid('the text in brackets is not an IPv6 address');
    return { host: bracketed, port };
  }
  if (plain === undefined || plain === '') return { host: undefined, port };
  if (!HOST_NAME.test(plain)) throw invalid('the host is neither a name nor an IP address');
  return { host: plain, port };
}

/** An address as `host:port`, `[v6]:port` or `:port`. */
export function formatAddress(host: string | undefined, port: number): string {
  if (host === undefined) return `:${port}`;
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
