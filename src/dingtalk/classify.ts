import { callFailure, type DingTalkError, type FailureDetails } from './dingtalk-error.ts';
import { FAILURE_TABLE, type FailureRow } from './failure-table.ts';
import type { HintId } from './hints.ts';
import { ProxyError } from './proxy.ts';
import type { Endpoint } from './reason.ts';
import { type ApiResponse, ResponseTooLargeError } from './transport.ts';

/** The call whose response or error is classified. */
export interface CallInfo {
  readonly endpoint: Endpoint;
  /** The host that was called. */
  readonly host: string;
  /** Hides all secrets in a text that DingTalk sent. */
  readonly redact: (text: string) => string;
  /** Wall clock at the response, ms: for a `Retry-After` that is a date. */
  readonly wallTime: number;
}

/** Replaces a sub-code that is not a number: it matches only the row for all other codes. */
const UNKNOWN_CODE = Number.MAX_SAFE_INTEGER;

const IP_ADDRESS = /(?:\d{1,3}\.){3}\d{1,3}|(?:[\da-f]{0,4}:){2,7}[\da-f]{1,4}/iu;

/** A JSON object with unknown members. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for a JSON object: not for an array or null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The body of a response that is a success by its status and error code.
 *
 * @throws DingTalkError for any other response, by `failure-table.ts`.
 */
export function successBody(response: ApiResponse, call: CallInfo): JsonObject {
  const body = parseBody(response.text);
  if (isAddressBlock(response, body)) throw addressBlocked(response, call);

  const errorCode = body === undefined ? undefined : errorCodeOf(body);
  const row = FAILURE_TABLE.find((candidate) => fits(candidate, response, call.endpoint, body, errorCode));
  if (row !== undefined) throw tableFailure(row, response, call, body);
  if (response.status !== 200) throw invalidResponse(call, unexpectedStatus(response), body);
  if (body === undefined) throw invalidResponse(call, notAnObject(response, call));
  if (Number.isNaN(errorCode)) throw invalidResponse(call, 'an errcode that is not a whole number', body);
  return body;
}

/**
 * The failure of a response that is not as documented; DingTalk's request id is kept.
 *
 * @param received a description that contains nothing of the response.
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

/** The failure of a call whose transport threw an error. */
export function transportFailure(error: unknown, call: CallInfo): DingTalkError {
  if (error instanceof ResponseTooLargeError) return invalidResponse(call, 'a response of more than 1 MiB');
  const code = codeOf(error);
  if (code.startsWith('HPE_')) return invalidResponse(call, `invalid HTTP (${code})`);
  const network = { reason: 'network', action: 'retry' } as const;
  if (error instanceof ProxyError)
    return callFailure(call, error.message, { ...network, hint: 'proxy' }, error);
  const hint = HINT_OF_CODE[code] ?? hintByKind(code);
  return callFailure(call, `no response (${code})`, { ...network, hint }, error);
}

/** The code from the operating system, TLS or Node. */
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

function isAddressBlock(response: ApiResponse, body: JsonObject | undefined): boolean {
  if (body !== undefined) return body['punish'] !== undefined && body['errcode'] === undefined;
  return /<[a-z!]/iu.test(response.text) && response.text.includes('punish');
}

function addressBlocked({ status }: ApiResponse, call: CallInfo): DingTalkError {
  return callFailure(call, `HTTP ${status}, DingTalk has blocked this address for too many calls`, {
    reason: 'throttled',
    action: 'block_host',
    hint: 'address_blocked',
  });
}

/** The old-style error code, or the sub-code of errcode 88. Undefined without an error, NaN if not a whole number. */
function errorCodeOf(body: JsonObject): number | undefined {
  const { errcode } = body;
  if (errcode === undefined || errcode === 0) return undefined;
  const plain = wholeNumber(errcode);
  const subCode = plain === 88 ? subCodeOf(body) : undefined;
  if (subCode === undefined) return plain;
  const code = wholeNumber(subCode);
  return Number.isNaN(code) ? UNKNOWN_CODE : code;
}

/** A code other than zero: a quoted zero is neither the documented success nor a known failure. */
function wholeNumber(value: unknown): number {
  const number = typeof value === 'string' && /^-?\d+$/u.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number !== 0 ? number : Number.NaN;
}

function subCodeOf(body: JsonObject): string | undefined {
  const named = textMember(body, 'sub_code');
  if (named !== undefined) return named;
  const { errmsg } = body;
  return typeof errmsg === 'string' ? /sub_?code\s*[=:]\s*([\w.-]+)/iu.exec(errmsg)?.[1] : undefined;
}

function fits(
  row: FailureRow,
  response: ApiResponse,
  endpoint: Endpoint,
  body: JsonObject | undefined,
  errorCode: number | undefined,
): boolean {
  if (row.endpoint !== undefined && row.endpoint !== endpoint) return false;
  if (row.status !== undefined && (response.status < row.status[0] || response.status > row.status[1]))
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
  response: ApiResponse,
  call: CallInfo,
  body: JsonObject | undefined,
): DingTalkError {
  const details = body === undefined ? {} : detailsOf(body, call);
  return callFailure(call, describe(response, details), {
    reason,
    action,
    hint,
    maximumRetries,
    ...details,
    egressAddress: IP_ADDRESS.exec(details.errorMessage ?? '')?.[0],
    retryAfter: retryAfterOf(response, call.wallTime),
  });
}

/** Codes and messages from either style of response, with all secrets hidden. */
function detailsOf(body: JsonObject, { redact }: CallInfo): FailureDetails {
  const safe = (text: string | undefined): string | undefined => text && redact(text);
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

function describe(response: ApiResponse, details: FailureDetails): string {
  const parts = [`HTTP ${response.status}`];
  if (details.errorCode !== undefined) parts.push(`code ${details.errorCode}`);
  if (details.subCode !== undefined) parts.push(`sub-code ${details.subCode}`);
  if (details.errorMessage !== undefined) parts.push(details.errorMessage);
  return parts.join(', ');
}

/** Milliseconds; undefined if the header is missing or invalid. */
function retryAfterOf(response: ApiResponse, wallTime: number): number | undefined {
  const value = header(response, 'retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+(\.\d+)?$/u.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallTime);
}

function unexpectedStatus({ status }: ApiResponse): string {
  return status >= 300 && status < 400
    ? `HTTP ${status}, a redirect, which is never followed because it would receive the token`
    : `HTTP ${status} instead of 200`;
}

/** Describes a body that is not a JSON object, without repeating it. */
function notAnObject(response: ApiResponse, { redact }: CallInfo): string {
  const encoding = header(response, 'content-encoding');
  const type = header(response, 'content-type');
  const shown =
    encoding !== undefined && encoding !== 'identity'
      ? `content-encoding ${redact(encoding)}, which was not requested`
      : `content-type ${type === undefined ? 'not given' : redact(type)}, ${response.text.length} characters`;
  return `a body that is not a JSON object (${shown})`;
}

/** The body as a JSON object; undefined if it is anything else. */
function parseBody(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The first member with one of these names that is text or a number, as text. */
function textMember(object: JsonObject, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = object[name];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return undefined;
}

/** The first value of a header. */
function header({ headers }: ApiResponse, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
