import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express, { type NextFunction } from 'express';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { answerInternalError, answerMethodNotAllowed, answerText } from './answer.ts';
import { coalesce } from './coalesce.ts';
import { keepFor } from './keep-for.ts';
import type { LargeBodies } from './large-bodies.ts';
import { PAGE_PATH, RELOAD_PATH } from './request-path.ts';
import { PAGE_HEADERS, pageSecurityPolicy } from './security-headers.ts';
import { SharedBody } from './shared-body.ts';

/** What the answers beside the metrics and the health checks are made of. */
export interface RouteSources {
  /** The page for people, a whole HTML document. */
  readonly renderPage: () => string;
  /** Reads the configuration anew; rejects with an Error whose message is the reason. */
  readonly reload: () => Promise<void>;
}

export interface RouteOptions {
  readonly enableLifecycle: boolean;
  /** False where the metrics are served at `/`. */
  readonly servePage: boolean;
  /** The text of the page's one style sheet, byte by byte. */
  readonly pageStyle: string;
}

/**
 * How long a page is shown again before it is rendered anew (ms): with thousands of organizations that takes the
 * event loop tens of milliseconds, and a flood of requests must not have all of it.
 */
const PAGE_LIFETIME = 1_000;

/** All answers that are not hot: the page, reload, and what is said where there is nothing. */
export function createRoutes(
  sources: RouteSources,
  options: RouteOptions,
  largeBodies: LargeBodies,
  clock: Clock,
  logger: Logger,
): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('strict routing');
  app.enable('case sensitive routing');

  if (options.servePage) {
    const policy = pageSecurityPolicy(options.pageStyle);
    const render = keepFor(PAGE_LIFETIME, clock, () => Buffer.from(sources.renderPage()));
    const page = new SharedBody(render, PAGE_HEADERS, largeBodies);
    app.all(PAGE_PATH, (request: IncomingMessage, response: ServerResponse) => {
      response.appendHeader('Content-Security-Policy', policy);
      return page.answer(request, response);
    });
  }

  const reload = coalesce(sources.reload);
  app.all(RELOAD_PATH, async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'POST' && request.method !== 'PUT') {
      answerMethodNotAllowed(response, 'POST, PUT');
    } else if (!options.enableLifecycle) {
      answerText(response, 403, 'reload is not enabled: start the exporter with --web.enable-lifecycle');
    } else if (isFromAnotherSite(request)) {
      answerText(response, 403, 'reload is not open to pages of other sites');
    } else {
      await answerReload(reload, response);
    }
  });

  app.use((_request: IncomingMessage, response: ServerResponse) => {
    answerText(response, 404, 'not found');
  });
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, _request: IncomingMessage, response: ServerResponse, _next: NextFunction) => {
    logger.error('request failed', { error: error instanceof Error ? error.message : String(error) });
    answerInternalError(response);
  });
  return app;
}

async function answerReload(reload: () => Promise<void>, response: ServerResponse): Promise<void> {
  try {
    await reload();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    answerText(response, 500, `reload failed, the old configuration stays at work: ${reason}`);
    return;
  }
  answerText(response, 200, 'reloaded');
}

/** A page of another site can make a browser post here; browsers say so (Fetch Metadata). */
function isFromAnotherSite(request: IncomingMessage): boolean {
  const site = request.headers['sec-fetch-site'];
  return site === 'cross-site' || site === 'same-site';
}
