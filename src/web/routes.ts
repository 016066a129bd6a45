import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express, { type NextFunction } from 'express';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { answerInternalError, answerMethodNotAllowed, answerText } from './answer.ts';
import { coalesce } from './coalesce.ts';
import type { LargeBodies } from './large-bodies.ts';
import { languageOf, type PageRequest } from './page/request.ts';
import { PAGE_PATH, RELOAD_PATH } from './request-path.ts';
import { PAGE_HEADERS, pageSecurityPolicy } from './security-headers.ts';
import { SharedBody } from './shared-body.ts';

/** What the answers beside the metrics and the health checks are made of. */
export interface RouteSources {
  /** The page for people, a whole HTML document. */
  readonly renderPage: (request: PageRequest) => string;
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
    let kept: { readonly key: string; readonly madeAt: number; readonly page: SharedBody } | undefined;
    app.all(PAGE_PATH, (request: IncomingMessage, response: ServerResponse) => {
      const asked = pageRequestOf(request);
      const language = languageOf(asked);
      const key = JSON.stringify([language, asked.filter]);
      const now = clock.monotonicTime();
      if (kept?.key !== key || now - kept.madeAt >= PAGE_LIFETIME) {
        const body = Buffer.from(sources.renderPage(asked));
        kept = { key, madeAt: now, page: new SharedBody(() => body, PAGE_HEADERS, largeBodies) };
      }
      response.appendHeader('Content-Security-Policy', policy);
      response.setHeader('Content-Language', language);
      return kept.page.answer(request, response);
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

function pageRequestOf(request: IncomingMessage): PageRequest {
  const query = new URLSearchParams(request.url?.split('?')[1]);
  return {
    acceptLanguage: request.headers['accept-language'],
    language: query.get('lang') ?? undefined,
    filter: query.get('q')?.slice(0, 128),
  };
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
