import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Gate } from './access/gate.ts';
import { answerInternalError, answerMethodNotAllowed, answerText } from './answer.ts';
import type { Body } from './body.ts';
import { LargeBodies } from './large-bodies.ts';
import { LIMITS } from './limits.ts';
import { announcedBodySize, type BodySize, measureBody } from './request-body.ts';
import { HEALTHY_PATH, PAGE_PATH, pathOf, READY_PATH } from './request-path.ts';
import { createRoutes, type RouteSources } from './routes.ts';
import { SharedBody } from './shared-body.ts';

/** Where the answers come from. None of these may wait for anything but `reload`. */
export interface WebSources extends RouteSources {
  /** The metrics in text format 0.0.4; while nothing has changed it is the same body each time. A promise is one of the same turn of the event loop. */
  readonly exposition: () => Body | Promise<Body>;
  /** Whether the poll loop is alive. */
  readonly healthy: () => boolean;
  /** Whether every organization's first poll has ended, or has had its time. */
  readonly ready: () => boolean;
}

export interface HandlerOptions {
  readonly telemetryPath: string;
  readonly enableLifecycle: boolean;
  readonly pageStyle?: string;
}

/**
 * Answers every request. The metrics and the health checks are answered here, the rest by Express, which is
 * loaded when the first request needs it: neither the start nor a scrape pays for it.
 *
 * @param gate the one of the web configuration that is at work
 * @param isClosing whether the server is shutting down
 */
export function createHandler(
  sources: WebSources,
  options: HandlerOptions,
  gate: () => Gate,
  isClosing: () => boolean,
  clock: Clock,
  logger: Logger,
): RequestListener {
  const largeBodies = new LargeBodies(clock);
  const telemetry = new SharedBody(sources.exposition, EXPOSITION_HEADERS, largeBodies);
  let routes: Promise<RequestListener> | undefined;

  const loadRoutes = async (): Promise<RequestListener> => {
    const servePage = options.telemetryPath !== PAGE_PATH;
    return createRoutes(sources, { ...options, servePage }, largeBodies, clock, logger);
  };

  const fail = (error: unknown, response: ServerResponse): void => {
    logger.error('request failed', { error: error instanceof Error ? error.message : String(error) });
    answerInternalError(response);
  };

  const proceedTo = (path: string, request: IncomingMessage, response: ServerResponse): void => {
    if (path === HEALTHY_PATH) {
      answerHealth(request, response, sources.healthy(), 'healthy', 'the poll loop has stopped');
      return;
    }
    if (path === READY_PATH) {
      const ready = !isClosing() && sources.ready();
      answerHealth(request, response, ready, 'ready', isClosing() ? SHUTTING_DOWN : NOT_YET_READY);
      return;
    }
    if (path === options.telemetryPath) {
      telemetry.answer(request, response)?.catch((error: unknown) => fail(error, response));
      return;
    }
    // Express would parse the target once more, by its own rules.
    request.url = path;
    routes ??= loadRoutes();
    routes.then((answer) => answer(request, response)).catch((error: unknown) => fail(error, response));
  };

  /** No answer depends on a body: it is dropped, and one that is large is not even read. */
  const receiveBody = (
    size: BodySize,
    request: IncomingMessage,
    response: ServerResponse,
    proceed: () => void,
  ): void => {
    if (size === 'small') proceed();
    else if (size === 'large') answerBodyTooLarge(response);
    else {
      measureBody(request, (measured) => {
        try {
          receiveBody(measured, request, response, proceed);
        } catch (error) {
          fail(error, response);
        }
      });
    }
  };

  return (request, response) => {
    try {
      const guard = gate();
      guard.decorate(response);
      const size = announcedBodySize(request);
      // Whatever is answered, nobody reads through such a body to the next request.
      if (size !== 'small') response.shouldKeepAlive = false;
      const path = pathOf(request.url ?? '');
      const proceed = (): void => proceedTo(path, request, response);
      const receive = (): void => receiveBody(size, request, response, proceed);
      if (path === HEALTHY_PATH || path === READY_PATH) receive();
      else guard.admit(request, response, receive);
    } catch (error) {
      fail(error, response);
    }
  };
}

/** Prometheus 3 refuses a scrape whose Content-Type is anything else. */
const EXPOSITION_HEADERS = [
  ...['Content-Type', 'text/plain; version=0.0.4; charset=utf-8'],
  ...['X-Content-Type-Options', 'nosniff'],
];

const SHUTTING_DOWN = 'the exporter is shutting down';
const NOT_YET_READY = 'the first polls have not ended yet';

function answerHealth(
  request: IncomingMessage,
  response: ServerResponse,
  well: boolean,
  good: string,
  bad: string,
): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') answerMethodNotAllowed(response, 'GET, HEAD');
  else if (well) answerText(response, 200, good);
  else answerText(response, 503, `not ${good}: ${bad}`);
}

function answerBodyTooLarge(response: ServerResponse): void {
  answerText(response, 413, `a body of more than ${LIMITS.maxRequestBody} bytes is not read here`);
}
