import { type Answer, header, isObject, type JsonObject, jsonObject, member, textMember } from './answer.ts';
import { callFailure, type DingTalkError, type FailureDetails } from './dingtalk-error.ts';
import { FAILURE_TABLE, type FailureRow, MINIMUM_THROTTLED_DELAY } from './failure-table.ts';
import type { HintId } from './hints.ts';
import { ProxyError } from './proxy.ts';
import type { Endpoint } from './reason.ts';
import { AnswerTooLargeError } from './transport.ts';

/** The call whose answer or error is classified. */
export interface CallInfo {
  readonly endpoint: Endpoint;
  /** The host that was called. */
  readonly host: string;
  /** Hides all secrets in a text that DingTalk sent. */
  readonly hideSecrets: (text: string) => string;
  /** Wall clock at the answer, ms: for a `Retry-After` that is a date. */
  readonly wallTime: number;
}

/** In the place of a sub-code that is not a number: it fits only the row for all other codes. */
const UNKNOWN_CODE = Number.MAX_SAFE_INTEGER;

const IP_ADDRESS = /(?:\d{1,3}\.){3}\d{1,3}|(?:[\da-f]{0,4}:){2,7}[\da-f]{1,4}/iu;

/**
 * The body of an answer that is a success as far as its status and error code tell.
 *
 * @throws DingTalkError for any other, as `failure-table.ts` has it.
 */
export function successBody(answer: Answer, call: CallInfo): JsonObject {
  const body = jsonObject(answer);
  if (isAddressBlock(answer, body)) throw addressBlocked(answer, call);

  const errorCode = body === undefined ? undefined : errorCodeOf(body);
  const row = FAILURE_TABLE.find((candidate) => fits(candidate, answer, call.endpoint, body, errorCode));
  if (row !== undefined) throw tableFailure(row, answer, call, body);
  if (answer.status !== 200) throw invalidResponse(call, unexpectedStatus(answer), body);
  if (body === undefined) throw invalidResponse(call, notAnObject(answer, call));
  if (Number.isNaN(errorCode)) throw invalidResponse(call, 'an errcode that is not a whole number', body);
  return body;
}

/**
 * The failure of an answer that is not what was asked for; DingTalk's request id is kept.
 *
 * @param received what came instead, in words of ours: nothing of it is hidden.
 */
export function invalidResponse(call: CallInfo, received: string, body?: JsonObject): DingTalkError {
  return callFailure(call, `received ${received}`, {
    reason: 'invalid_response',
    action: 'retry',
    hint: 'not_dingtalk',
    requestId: body && detailsOf(body, call).requestId,
  });
}

const HINT_OF_CODE: Readonly<Record<string, HintId>> = {
  ENOTFOUND: 'name_unknown',
  EAI_AGAIN: 'name_service',
  ECONNREFUSED: 'connection_refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ECONNRESET: 'connection_cut',
  EPIPE: 'connection_cut',
  CERT_HAS_EXPIRED: 'certificate_expired',
};

/** The failure of a call whose transport threw this instead of an answer. */
export function transportFailure(error: unknown, call: CallInfo): DingTalkError {
  if (error instanceof AnswerTooLargeError) return invalidResponse(call, 'an answer of more than 1 MiB');
  const code = codeOf(error);
  if (code.startsWith('HPE_')) return invalidResponse(call, `what is not valid HTTP (${code})`);
  const network = { reason: 'network', action: 'retry' } as const;
  if (error instanceof ProxyError)
    return callFailure(call, error.message, { ...network, hint: 'proxy' }, error);
  const hint = HINT_OF_CODE[code] ?? hintByKind(code);
  return callFailure(call, `no answer (${code})`, { ...network, hint }, error);
}

/** The code that the operating system, TLS or Node gave. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  // One error for each address of the host.
  return error instanceof AggregateError && error.errors.length > 0 ? codeOf(error.errors[0]) : error.name;
}

function hintByKind(code: string): HintId {
  if (/CERT|SELF_SIGNED|ALTNAME|UNABLE_TO/u.test(code)) return 'certificate_untrusted';
  return /SSL|TLS|EPROTO/u.test(code) ? 'no_tls' : 'network';
}

function isAddressBlock(answer: Answer, body: JsonObject | undefined): boolean {
  if (body !== undefined)
    return member(body, 'punish') !== undefined && member(body, 'errcode') === undefined;
  return /<[a-z!]/iu.test(answer.text) && answer.text.includes('punish');
}

function addressBlocked({ status }: Answer, call: CallInfo): DingTalkError {
  return callFailure(call, `HTTP ${status}, DingTalk has blocked our address for too many calls`, {
    reason: 'throttled',
    action: 'block_host',
    hint: 'address_blocked',
  });
}

/**
 * The old-style error code, or its sub-code where the error is a wrapped one (errcode 88). Undefined where there is no
 * error, NaN where the code is not a whole number.
 */
function errorCodeOf(body: JsonObject): number | undefined {
  const errcode = member(body, 'errcode');
  if (errcode === undefined || errcode === 0) return undefined;
  const plain = wholeNumber(errcode);
  const subCode = plain === 88 ? subCodeOf(body) : undefined;
  if (subCode === undefined) return plain;
  const code = wholeNumber(subCode);
  return Number.isNaN(code) ? UNKNOWN_CODE : code;
}

/** A code other than zero. A zero in quotes is neither the documented success nor a known failure. */
function wholeNumber(value: unknown): number {
  const number = typeof value === 'string' && /^-?\d+$/u.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number !== 0 ? number : Number.NaN;
}

function subCodeOf(body: JsonObject): string | undefined {
  const named = textMember(body, 'sub_code');
  if (named !== undefined) return named;
  const message = member(body, 'errmsg');
  return typeof message === 'string' ? /sub_?code\s*[=:]\s*([\w.-]+)/iu.exec(message)?.[1] : undefined;
}

function fits(
  row: FailureRow,
  answer: Answer,
  endpoint: Endpoint,
  body: JsonObject | undefined,
  errorCode: number | undefined,
): boolean {
  if (row.endpoint !== undefined && row.endpoint !== endpoint) return false;
  if (row.status !== undefined && (answer.status < row.status[0] || answer.status > row.status[1]))
    return false;
  if (row.code !== undefined && !row.code.test((body && textMember(body, 'code')) ?? '')) return false;
  if (row.errorCodes === undefined) return true;
  if (errorCode === undefined) return false;
  return row.errorCodes.some((entry) =>
    typeof entry === 'number' ? entry === errorCode : errorCode >= entry[0] && errorCode <= entry[1],
  );
}

function tableFailure(
  { reason, action, hint, maximumRetries }: FailureRow,
  answer: Answer,
  call: CallInfo,
  body: JsonObject | undefined,
): DingTalkError {
  const details = body === undefined ? {} : detailsOf(body, call);
  return callFailure(call, describe(answer, details), {
    reason,
    action,
    hint,
    maximumRetries,
    ...details,
    egressAddress: IP_ADDRESS.exec(details.errorMessage ?? '')?.[0],
    minimumDelay: reason === 'throttled' ? MINIMUM_THROTTLED_DELAY : undefined,
    retryAfter: retryAfterOf(answer, call.wallTime),
  });
}

/** DingTalk's own words, from either style of answer, with all secrets hidden. */
function detailsOf(body: JsonObject, { hideSecrets }: CallInfo): FailureDetails {
  const safe = (text: string | undefined): string | undefined => text && hideSecrets(text);
  const details = isObject(body['accessdenieddetail']) ? body['accessdenieddetail'] : {};
  const message = [
    textMember(body, 'errmsg', 'message'),
    textMember(body, 'sub_msg'),
    textMember(details, 'policyContent'),
  ];
  return {
    errorCode: safe(textMember(body, 'errcode', 'code')),
    subCode: safe(subCodeOf(body)),
    errorMessage: safe(message.filter((part) => part !== undefined).join('; ') || undefined),
    requestId: safe(textMember(body, 'request_id', 'requestid', 'requestId')),
  };
}

function describe(answer: Answer, details: FailureDetails): string {
  const parts = [`HTTP ${answer.status}`];
  if (details.errorCode !== undefined) parts.push(`code ${details.errorCode}`);
  if (details.subCode !== undefined) parts.push(`sub-code ${details.subCode}`);
  if (details.errorMessage !== undefined) parts.push(details.errorMessage);
  return parts.join(', ');
}

/** Milliseconds; undefined where the header is missing or says nothing that can be understood. */
function retryAfterOf(answer: Answer, wallTime: number): number | undefined {
  const value = header(answer, 'retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+(\.\d+)?$/u.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallTime);
}

function unexpectedStatus({ status }: Answer): string {
  return status >= 300 && status < 400
    ? `HTTP ${status}, a redirect, which is never followed: a token would travel along`
    : `HTTP ${status} where only 200 is a success`;
}

/** What came where a JSON object should be, without repeating it. */
function notAnObject(answer: Answer, { hideSecrets }: CallInfo): string {
  const encoding = header(answer, 'content-encoding');
  const type = header(answer, 'content-type');
  const shown =
    encoding !== undefined && encoding !== 'identity'
      ? `content-encoding ${hideSecrets(encoding)}, which was not asked for`
      : `content-type ${type === undefined ? 'not given' : hideSecrets(type)}, ${answer.text.length} characters`;
  return `what is not a JSON object (${shown})`;
}
