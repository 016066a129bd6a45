/**
 * Whether a host is this machine: calls to it need no TLS and never go through a proxy.
 *
 * @param hostname of a `URL`, which has normalized it.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/u.test(hostname);
}
