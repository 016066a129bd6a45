/** Where the page for people stands, unless the metrics are served there. */
export const PAGE_PATH = '/';
export const HEALTHY_PATH = '/-/healthy';
export const READY_PATH = '/-/ready';
export const RELOAD_PATH = '/-/reload';

const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*([^?#]*)/i;

/**
 * The path of a request target: what stands before the query. It is compared as it came over the wire:
 * nothing is decoded, joined or shortened, so that every path has one spelling and no second one leads past
 * the password. The absolute form, as proxies send it (RFC 9112, 3.2.2), stands for its path.
 */
export function pathOf(target: string): string {
  const origin = target.startsWith('/') ? target : ABSOLUTE_FORM.exec(target)?.[1];
  if (origin === undefined) return target;
  const end = origin.search(/[?#]/);
  const path = end === -1 ? origin : origin.slice(0, end);
  return path === '' ? '/' : path;
}
