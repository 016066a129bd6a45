import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import { answerInternalError, answerText } from '../answer.ts';
import { BasicAuth, CHALLENGE, type Verdict } from './basic-auth.ts';
import type { Gate } from './gate.ts';
import type { PasswordCheck } from './password-check.ts';
import { RateLimit } from './rate-limit.ts';
import type { WebConfiguration } from './web-configuration.ts';

/** The gate of one web configuration; another configuration needs another gate. */
export function createGate(
  { headers, users, rateLimit }: Omit<WebConfiguration, 'tls'>,
  check: PasswordCheck,
  clock: Clock,
  logger: Logger,
): Gate {
  const limit = rateLimit && new RateLimit(rateLimit.interval, rateLimit.burst, clock);
  const auth = users.size === 0 ? undefined : new BasicAuth(users, check);

  const act = (
    verdict: Verdict,
    request: IncomingMessage,
    response: ServerResponse,
    proceed: () => void,
  ): void => {
    switch (verdict) {
      case 'accepted':
        proceed();
        return;
      case 'busy':
        answerText(response, 503, 'too many passwords wait to be checked', { 'Retry-After': '1' });
        return;
      case 'refused':
        logger.debug('request without a right password refused', { peer: request.socket.remoteAddress });
        answerText(response, 401, 'a user name and a password are needed', {
          'WWW-Authenticate': CHALLENGE,
        });
    }
  };

  return {
    decorate: (response) => {
      for (const [name, value] of headers) response.setHeader(name, value);
    },
    admit: (request, response, proceed) => {
      if (limit !== undefined && !limit.allow()) {
        answerText(response, 429, 'too many requests');
        return;
      }
      if (auth === undefined) {
        proceed();
        return;
      }
      const verdict = auth.judge(request.headers.authorization, request.socket.remoteAddress ?? '');
      if (typeof verdict === 'string') {
        act(verdict, request, response, proceed);
        return;
      }
      verdict
        .then((later) => act(later, request, response, proceed))
        .catch((error: unknown) => {
          logger.error('request failed', { error: error instanceof Error ? error.message : String(error) });
          answerInternalError(response);
        });
    },
  };
}
