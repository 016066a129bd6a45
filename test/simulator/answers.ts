import type { ServerResponse } from 'node:http';

/** A whole answer, ready to be delivered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What a test says of an answer. An object is sent as JSON, a string as UTF-8, bytes as they are. */
export interface AnswerParts {
  /** 200 unless given. */
  readonly status?: number;
  /** JSON is the content type unless another one stands here. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | object;
}

const JSON_TYPE = 'application/json;charset=UTF-8';

/** Makes a whole answer from what is given of it. */
export function makeAnswer(parts: AnswerParts): Answer {
  const { status = 200, headers = {}, body = '' } = parts;
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return {
    status,
    headers: named ? headers : { 'content-type': JSON_TYPE, ...headers },
    body:
      body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  };
}

/** Sends an answer as a well-behaved server does. */
export function sendAnswer(response: ServerResponse, answer: Answer): void {
  if (answer.status === 204 || answer.status === 304) {
    response.writeHead(answer.status).end();
    return;
  }
  response.writeHead(answer.status, { 'content-length': answer.body.byteLength, ...answer.headers });
  response.end(answer.body);
}

/** The answer of a counting call that succeeded; `count` is a number unless a test wants it otherwise. */
export function countAnswer(count: unknown, requestId: string): Answer {
  return makeAnswer({ body: { errcode: 0, errmsg: 'ok', result: { count }, request_id: requestId } });
}

/** A business error of the old-style API, plain: HTTP 200 and an errcode. */
export function plainErrorAnswer(errorCode: number, message: string, requestId: string): Answer {
  return makeAnswer({ body: { errcode: errorCode, errmsg: message, request_id: requestId } });
}

/** A business error of the old-style API, wrapped: errcode 88, what matters is the sub-code. */
export function wrappedErrorAnswer(subCode: string, message: string, requestId: string): Answer {
  return makeAnswer({
    body: {
      errcode: 88,
      sub_code: subCode,
      sub_msg: message,
      errmsg: `ding talk error[subcode=${subCode},submsg=${message}]`,
      request_id: requestId,
    },
  });
}

/** A failure of the new-style API: HTTP 4xx or 5xx. */
export function newStyleErrorAnswer(
  status: number,
  code: string,
  message: string,
  requestId: string,
): Answer {
  return makeAnswer({ status, body: { code, message, requestid: requestId } });
}
