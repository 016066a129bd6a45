/**
 * True for a host that is this machine: its calls need no TLS and never go through a proxy. The host is one that a
 * URL parser has brought into its normal form.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/u.test(hostname);
}
