import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a web configuration does to each request. */
export interface Gate {
  /** Adds the configured headers; to all answers, those of the health checks included. */
  decorate(response: ServerResponse): void;
  /** Lets the request proceed, now or later, or answers it. Not asked for the health checks. */
  admit(request: IncomingMessage, response: ServerResponse, proceed: () => void): void;
}

/** The gate where there is no web configuration. */
export const OPEN_GATE: Gate = {
  decorate: () => undefined,
  admit: (_request, _response, proceed) => proceed(),
};
