import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/**
 * Answers with one plain sentence. A client that has gone meanwhile is left alone: writing to it would be an
 * error that nobody can handle.
 */
export function answerText(
  response: ServerResponse,
  status: number,
  sentence: string,
  headers: OutgoingHttpHeaders = {},
): void {
  if (response.destroyed || response.headersSent) return;
  const body = Buffer.from(`${sentence}\n`);
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(body);
}

/** Answers a known path that was asked with a method it does not have. */
export function answerMethodNotAllowed(response: ServerResponse, allowed: string): void {
  answerText(response, 405, `method not allowed: this path answers ${allowed}`, { Allow: allowed });
}

/** Answers what went wrong inside. What it was stands in the log, never in the answer. */
export function answerInternalError(response: ServerResponse): void {
  answerText(response, 500, 'internal error: the log of the exporter says more');
}
