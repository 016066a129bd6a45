import {
  type AnswerParts,
  countAnswer,
  makeAnswer,
  newStyleErrorAnswer,
  plainErrorAnswer,
  wrappedErrorAnswer,
} from './answers.ts';
import type { Reply } from './script.ts';

/** What DingTalk would say. */
export const honest: Reply = (exchange) => exchange.honest();

/** Exactly this. */
export function answer(parts: AnswerParts): Reply {
  return () => makeAnswer(parts);
}

/** A business error in the plain shape: `{"errcode":…}` with HTTP 200. */
export function plainError(errorCode: number, message = `simulated error ${errorCode}`): Reply {
  return ({ received }) => plainErrorAnswer(errorCode, message, received.requestId);
}

/** A business error in the wrapped shape: errcode 88 with a sub-code. */
export function wrappedError(subCode: string, message = `simulated error ${subCode}`): Reply {
  return ({ received }) => wrappedErrorAnswer(subCode, message, received.requestId);
}

/** The wrapped shape as it comes at times: the sub-code stands in the message only. */
export function wrappedErrorInMessage(subCode: string, message = `simulated error ${subCode}`): Reply {
  const text = `ding talk error[subcode=${subCode},submsg=${message}]`;
  return ({ received }) => plainErrorAnswer(88, text, received.requestId);
}

/** A failure of the new-style API. */
export function newStyleError(status: number, code: string, message = `simulated error ${code}`): Reply {
  return ({ received }) => newStyleErrorAnswer(status, code, message, received.requestId);
}

/** Too many calls for the app: HTTP 429, with `Retry-After` in the given words (seconds or a date) if any. */
export function tooManyRequests(retryAfter?: string): Reply {
  return ({ received: { requestId } }) => {
    const plain = newStyleErrorAnswer(429, 'Throttling', 'too many requests', requestId);
    return retryAfter === undefined
      ? plain
      : { ...plain, headers: { ...plain.headers, 'retry-after': retryAfter } };
  };
}

/** Too many calls from the address: the block that stands before DingTalk, and is no DingTalk error. */
export function addressBlock(shape: 'json' | 'html'): Reply {
  return shape === 'json'
    ? answer({ body: { status: 1111, wait: 5, source: 'x5', punish: 'deny' } })
    : answer({
        headers: { 'content-type': 'text/html;charset=UTF-8' },
        body: '<!DOCTYPE html><html><body><script src="/x5/punish.js"></script></body></html>',
      });
}

/** A redirect to somewhere else. */
export function redirect(location: string, status: 301 | 302 | 303 | 307 | 308 = 302): Reply {
  return answer({ status, headers: { location } });
}

/** HTTP 204: nothing at all. */
export const noContent: Reply = answer({ status: 204 });

/** A counting call that succeeds with something that need not be a count; undefined leaves the count out. */
export function countOf(count: unknown): Reply {
  return ({ received }) => countAnswer(count, received.requestId);
}

/** The lie that three published clients tell: each count in the place of the other. */
export const swapped: Reply = (exchange) => exchange.honest({ onlyActive: !exchange.received.onlyActive });

/** An error whose message repeats whatever secrets the request brought along, in clear and as sent. */
export function echoing(status: number, errorCode: number | string): Reply {
  return ({ received }) => {
    const token = received.accessToken ?? '';
    const message = `refused: ${token} ${encodeURIComponent(token)} ${received.body}`;
    return {
      ...(typeof errorCode === 'number'
        ? plainErrorAnswer(errorCode, message, received.requestId)
        : newStyleErrorAnswer(status, errorCode, message, received.requestId)),
      status,
    };
  };
}
