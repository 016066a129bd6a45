import { createHash } from 'node:crypto';

/**
 * The Content-Security-Policy of the page for people: nothing is loaded, run or framed; the one style sheet
 * is let in by its hash, pictures only where they stand in the page itself, and its filter is a form that is sent to it.
 *
 * @param style the text between `<style>` and `</style>`, byte by byte
 */
export function pageSecurityPolicy(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return [
    "default-src 'none'",
    `style-src 'sha256-${hash}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The headers of the page for people beside its policy, names and values one after the other. */
export const PAGE_HEADERS = [
  ...['Content-Type', 'text/html; charset=utf-8'],
  ...['Cache-Control', 'no-store'],
  ...['Referrer-Policy', 'no-referrer'],
  ...['X-Content-Type-Options', 'nosniff'],
];
