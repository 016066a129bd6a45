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

/**
 * Checks the path under which the metrics are to be served.
 *
 * @throws {Error} for a path that no request could ask for, or that means something else
 */
export function parseTelemetryPath(text: string): string {
  const invalid = (problem: string): Error =>
    new Error(`telemetry path ${JSON.stringify(text)}: ${problem}; write it like /metrics`);
  if (!text.startsWith('/')) throw invalid('it does not start with a slash');
  if (!/^[!-~]+$/.test(text))
    throw invalid('only printable ASCII without spaces goes over the wire as it is');
  if (/[?#]/.test(text)) throw invalid('a query or fragment is no part of a path');
  if (text.split('/').some((segment) => segment === '.' || segment === '..')) {
    throw invalid('clients take "." and ".." out of a path');
  }
  if (text.startsWith('//')) throw invalid('two slashes at the start name a host, not a path');
  if (text === HEALTHY_PATH || text === READY_PATH || text === RELOAD_PATH) {
    throw invalid('it is taken by another answer of the exporter');
  }
  return text;
}
