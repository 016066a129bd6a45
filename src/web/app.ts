import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { languageOf, type PageRequest } from './page/page.ts';
import { PAGE_STYLE } from './page/style.ts';
import { sendBody, sendText } from './send.ts';
import { authenticate, limitRate, setHeaders } from './web-config/middleware.ts';
import type { WebConfiguration } from './web-config/web-configuration.ts';

/** Where the responses come from. */
export interface WebSources {
  /** The metrics in text format 0.0.4: the very same Buffer as long as nothing in it has changed. */
  readonly exposition: () => Buffer | Promise<Buffer>;
  /** Whether the poll loop is alive. */
  readonly healthy: () => boolean;
  /** Whether every organization's first poll has ended, or the time for that is over. */
  readonly ready: () => boolean;
  /** Reads the configuration again; rejects with an Error that says why the old one stays in effect. */
  readonly reload: () => Promise<void>;
  /** The page at `/`, a whole HTML document. */
  readonly renderPage: (request: PageRequest) => string;
}

export interface HandlerOptions {
  readonly sources: WebSources;
  readonly telemetryPath: string;
  /** Whether `/-/reload` reloads. */
  readonly enableLifecycle: boolean;
  /** The web configuration in effect; undefined without a web configuration file. */
  readonly webConfiguration: (() => WebConfiguration) | undefined;
  /** Whether the server is shutting down. */
  readonly isClosing: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Prometheus 3 refuses a scrape without a valid Content-Type. */
const EXPOSITION_HEADERS = [
  ...['Content-Type', 'text/plain; version=0.0.4; charset=utf-8'],
  ...['X-Content-Type-Options', 'nosniff'],
  ...['Vary', 'Accept-Encoding'],
];

/**
 * Answers every request. Express has all routes, but costs more than half of a scrape: without a web configuration,
 * `/metrics` is answered before it.
 */
export function createHandler(options: HandlerOptions): RequestListener {
  const { sources, telemetryPath, webConfiguration, logger } = options;

  const fail = (error: unknown, response: ServerResponse): void => {
    logger.error('request failed', { error: error instanceof Error ? error.message : String(error) });
    if (response.headersSent) response.destroy();
    else sendText(response, 500, 'internal error: see the log of the exporter');
  };
  const sendMetrics = (request: IncomingMessage, response: ServerResponse): Promise<void> | undefined => {
    const text = sources.exposition();
    if (text instanceof Promise) {
      return text.then((rendered) => sendBody(request, response, EXPOSITION_HEADERS, rendered));
    }
    return sendBody(request, response, EXPOSITION_HEADERS, text);
  };

  const app = createApp(options, sendMetrics, fail);
  const isScrape = ({ url, method }: IncomingMessage): boolean =>
    url === telemetryPath && (method === 'GET' || method === 'HEAD');
  return (request, response) => {
    if (webConfiguration === undefined && isScrape(request)) {
      try {
        sendMetrics(request, response)?.catch((error: unknown) => fail(error, response));
      } catch (error) {
        fail(error, response);
      }
      return;
    }
    request.url = toOriginForm(request.url ?? '/');
    app(request, response);
  };
}

/**
 * Path and query of a request target. Express would read the absolute form, as proxies send it, and odd characters with
 * Node's deprecated `url.parse`, which writes a warning to stderr.
 */
function toOriginForm(target: string): string {
  const [, path = '', query = ''] = /^(?:https?:\/\/[^/?#\s]*)?([^?#\s]*)(\?[^#\s]*)?/i.exec(target) ?? [];
  return `${path.startsWith('/') ? '' : '/'}${path}${query}`;
}

function createApp(
  { sources, telemetryPath, enableLifecycle, webConfiguration, isClosing, clock, logger }: HandlerOptions,
  sendMetrics: (request: IncomingMessage, response: ServerResponse) => Promise<void> | undefined,
  fail: (error: unknown, response: ServerResponse) => void,
): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.enable('strict routing');
  app.enable('case sensitive routing');
  // Otherwise Express would send the stack of an error that reaches it.
  app.set('env', 'production');

  if (webConfiguration !== undefined) app.use(setHeaders(webConfiguration));

  const get = (path: string, handler: RequestHandler): void => {
    app.route(path).get(handler).all(methodNotAllowed('GET, HEAD'));
  };
  get('/-/healthy', (_request, response) => {
    if (sources.healthy()) sendText(response, 200, 'healthy');
    else sendText(response, 503, 'not healthy: the poll loop has stopped');
  });
  get('/-/ready', (_request, response) => {
    if (isClosing()) sendText(response, 503, 'not ready: the exporter is shutting down');
    else if (sources.ready()) sendText(response, 200, 'ready');
    else sendText(response, 503, 'not ready: the first polls have not ended yet');
  });
  // The health checks above need no password; everything below does.
  if (webConfiguration !== undefined) {
    app.use(limitRate(webConfiguration, clock), authenticate(webConfiguration, logger));
  }
  get(telemetryPath, (request, response) => sendMetrics(request, response));
  // Not reached where the metrics are at `/`.
  get('/', pageHandler(sources.renderPage));
  const reload = enableLifecycle ? reloadHandler(sources.reload) : refuseReload;
  app.route('/-/reload').post(reload).put(reload).all(methodNotAllowed('POST, PUT'));
  app.use((_request, response) => sendText(response, 404, 'not found'));
  // Express recognizes an error handler by its four parameters.
  const handleError: ErrorRequestHandler = (error, _request, response, _next) => fail(error, response);
  app.use(handleError);
  return app;
}

function methodNotAllowed(allowed: string): RequestHandler {
  return (_request, response) => {
    response.set('Allow', allowed);
    sendText(response, 405, `method not allowed: use ${allowed}`);
  };
}

const refuseReload: RequestHandler = (_request, response) => {
  sendText(response, 403, 'reload is not enabled: start the exporter with --web.enable-lifecycle');
};

function reloadHandler(reload: () => Promise<void>): RequestHandler {
  return async (request, response) => {
    // A page of another site can make a browser send this request; browsers say so (Fetch Metadata).
    const site = request.headers['sec-fetch-site'];
    if (site === 'cross-site' || site === 'same-site') {
      sendText(response, 403, 'reload is not open to pages of other sites');
      return;
    }
    try {
      await reload();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      sendText(response, 500, `reload failed, the old configuration stays in effect: ${reason}`);
      return;
    }
    sendText(response, 200, 'reloaded');
  };
}

/** Allows the one style sheet, by its hash, images in `data:` URLs and the filter form; nothing else. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(PAGE_STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE_HEADERS = [
  ...['Content-Type', 'text/html; charset=utf-8'],
  ...['Cache-Control', 'no-store'],
  ...['Referrer-Policy', 'no-referrer'],
  ...['X-Content-Type-Options', 'nosniff'],
  ...['Vary', 'Accept-Language, Accept-Encoding'],
];

function pageHandler(renderPage: WebSources['renderPage']): RequestHandler {
  return (request, response) => {
    const pageRequest: PageRequest = {
      acceptLanguage: request.headers['accept-language'],
      language: parameterOf(request, 'lang'),
      filter: parameterOf(request, 'q'),
    };
    const headers = [...PAGE_HEADERS, 'Content-Language', languageOf(pageRequest)];
    // Browsers enforce it together with a policy of the web configuration.
    response.appendHeader('Content-Security-Policy', PAGE_POLICY);
    return sendBody(request, response, headers, Buffer.from(renderPage(pageRequest)));
  };
}

function parameterOf(request: Request, name: string): string | undefined {
  const value = request.query[name];
  return typeof value === 'string' ? value : undefined;
}
