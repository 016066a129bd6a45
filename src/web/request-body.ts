import type { IncomingMessage } from 'node:http';
import { LIMITS } from './limits.ts';

/** What a request says of its body: `unknown` means that only its end will tell how large it is (chunked). */
export type BodySize = 'small' | 'large' | 'unknown';

/** How large the body of a request will be, as its headers say. */
export function announcedBodySize({ headers }: IncomingMessage): BodySize {
  if (headers['transfer-encoding'] !== undefined) return 'unknown';
  const length = headers['content-length'];
  return length !== undefined && Number(length) > LIMITS.maxRequestBody ? 'large' : 'small';
}

/**
 * Reads a body of unknown size and drops it. A client that goes before its end is heard of no more.
 *
 * @param onKnown called once: at the end of the body, or as soon as it is too large
 */
export function measureBody(request: IncomingMessage, onKnown: (size: 'small' | 'large') => void): void {
  let length = 0;
  const count = (part: Buffer): void => {
    length += part.length;
    if (length > LIMITS.maxRequestBody) settle('large');
  };
  const end = (): void => settle('small');
  const settle = (size: 'small' | 'large'): void => {
    request.off('data', count);
    request.off('end', end);
    onKnown(size);
  };
  request.on('data', count);
  request.on('end', end);
}
