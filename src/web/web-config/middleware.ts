import type { RequestHandler } from 'express';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import { sendText } from '../send.ts';
import { BasicAuth } from './basic-auth.ts';
import type { WebConfiguration } from './web-configuration.ts';

/** The web configuration in effect: the same object as long as nothing in it has changed. */
type Current = () => WebConfiguration;

/** Adds the configured headers to every response. */
export function setHeaders(current: Current): RequestHandler {
  return (_request, response, next) => {
    for (const [name, value] of current().headers) response.setHeader(name, value);
    next();
  };
}

/** Answers 429 to requests above the rate limit, which is a token bucket. */
export function limitRate(current: Current, clock: Clock): RequestHandler {
  let limit: WebConfiguration['rateLimit'];
  let tokens = 0;
  let filledAt = 0;
  return (_request, response, next) => {
    const { rateLimit } = current();
    if (rateLimit !== undefined) {
      const now = clock.monotonicTime();
      const fresh = rateLimit === limit ? (now - filledAt) / rateLimit.interval : rateLimit.burst;
      limit = rateLimit;
      filledAt = now;
      tokens = Math.min(rateLimit.burst, tokens + fresh);
      if (tokens < 1) {
        sendText(response, 429, 'too many requests');
        return;
      }
      tokens -= 1;
    }
    next();
  };
}

/** Answers 401 to requests without a correct user name and password, where there are users. */
export function authenticate(current: Current, logger: Logger): RequestHandler {
  const basicAuth = new BasicAuth();
  return async (request, response, next) => {
    const { users } = current();
    const address = request.socket.remoteAddress ?? '';
    const result = users && (await basicAuth.authenticate(request.headers.authorization, users, address));
    switch (result) {
      case undefined:
      case 'accepted':
        next();
        return;
      case 'busy':
        response.set('Retry-After', '1');
        sendText(response, 503, 'too many passwords are waiting to be checked');
        return;
      case 'refused':
        logger.debug('request refused: wrong or missing user name and password', { address });
        response.set('WWW-Authenticate', 'Basic realm="dingtalk-headcount-exporter", charset="UTF-8"');
        sendText(response, 401, 'user name and password required');
    }
  };
}
