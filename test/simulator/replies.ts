import type { Reply } from './script.ts';

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What an answer that carries a request id needs of the exchange. */
export interface Numbered {
  readonly received: { readonly requestId: string };
}

/** The parts of an answer. An object is sent as JSON, a string as UTF-8, bytes as they are. */
export interface AnswerParts {
  /** 200 unless given. */
  readonly status?: number;
  /** The content type is JSON unless given. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | object;
}

const JSON_TYPE = 'application/json;charset=UTF-8';

/** Exactly this. */
export function answer({ status = 200, headers = {}, body = '' }: AnswerParts): () => Answer {
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return () => ({
    status,
    headers: named ? headers : { 'content-type': JSON_TYPE, ...headers },
    body:
      body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  });
}

/** The body is made for each request, with its id. */
function json(body: (requestId: string) => object, status = 200, headers: Answer['headers'] = {}) {
  return ({ received }: Numbered): Answer => answer({ status, headers, body: body(received.requestId) })();
}

/** What DingTalk would say. */
export const honest: Reply = (exchange) => exchange.honest();

/** A counting call that succeeds with something that need not be a count; undefined leaves the count out. */
export function countOf(count: unknown): (exchange: Numbered) => Answer {
  return json((request_id) => ({ errcode: 0, errmsg: 'ok', result: { count }, request_id }));
}

/** A business error of the old-style API, plain: HTTP 200 and `{"errcode":…}`. */
export function plainError(errcode: number, errmsg = `simulated error ${errcode}`) {
  return json((request_id) => ({ errcode, errmsg, request_id }));
}

/** A business error of the old-style API, wrapped: errcode 88 with a sub-code. */
export function wrappedError(sub_code: string, sub_msg = `simulated error ${sub_code}`) {
  const errmsg = `ding talk error[subcode=${sub_code},submsg=${sub_msg}]`;
  return json((request_id) => ({ errcode: 88, sub_code, sub_msg, errmsg, request_id }));
}

/** A wrapped error whose sub-code is in the message only. */
export function wrappedErrorInMessage(subCode: string, message = `simulated error ${subCode}`) {
  return plainError(88, `ding talk error[subcode=${subCode},submsg=${message}]`);
}

/** A failure of the new-style API: HTTP 4xx or 5xx. */
export function newStyleError(status: number, code: string, message = `simulated error ${code}`) {
  return json((requestid) => ({ code, message, requestid }), status);
}

/** Too many calls of the app: HTTP 429, with `Retry-After` (seconds or a date) where given. */
export function tooManyRequests(retryAfter?: string): (exchange: Numbered) => Answer {
  const body = (requestid: string) => ({ code: 'Throttling', message: 'too many requests', requestid });
  return json(body, 429, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
}

/** Too many calls from the address: the block in front of DingTalk, which is no DingTalk error. */
export function addressBlock(shape: 'json' | 'html'): Reply {
  return shape === 'json'
    ? answer({ body: { status: 1111, wait: 5, source: 'x5', punish: 'deny' } })
    : answer({
        headers: { 'content-type': 'text/html;charset=UTF-8' },
        body: '<!DOCTYPE html><html><body><script src="/x5/punish.js"></script></body></html>',
      });
}

/** A redirect to another place. */
export function redirect(location: string, status: 301 | 302 | 303 | 307 | 308 = 302): Reply {
  return answer({ status, headers: { location } });
}

/** HTTP 204, without a body. */
export const noContent: Reply = answer({ status: 204 });

/** Each count in the place of the other. */
export const swapped: Reply = (exchange) => {
  const { onlyActive, organization } = exchange.received;
  return countOf(onlyActive ? organization?.employees : organization?.active)(exchange);
};
