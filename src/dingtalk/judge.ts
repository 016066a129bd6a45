import { type Answer, header, isObject, type JsonObject, jsonObject, member, textMember } from './answer.ts';
import type { Failure, FailureDetails } from './dingtalk-error.ts';
import { FAILURE_TABLE, type FailureRow, SHORTEST_THROTTLED_WAIT } from './failure-table.ts';
import type { Endpoint } from './reason.ts';
import { redact } from './redact.ts';

/** What is known of the call whose answer is judged. */
export interface JudgedCall {
  readonly endpoint: Endpoint;
  /** The host that was called. */
  readonly host: string;
  /** Whatever must not be seen: it is hidden in all texts that DingTalk sent. */
  readonly secrets: readonly string[];
  /** Wall clock, ms: for a `Retry-After` that is a date. */
  readonly wallTime: number;
}

/** An answer that is a success as far as its envelope tells, or why it is none. */
export type Judgement =
  | { readonly kind: 'success'; readonly body: JsonObject }
  | { readonly kind: 'failure'; readonly failure: Failure };

/** Stands for a sub-code in words: it is in no row but the one for all others. */
const SUB_CODE_IN_WORDS = Number.MAX_SAFE_INTEGER;

const IP_ADDRESS = /(?:\d{1,3}\.){3}\d{1,3}|(?:[\da-f]{0,4}:){2,7}[\da-f]{1,4}/iu;

/** What an answer of DingTalk's means (`failure-table.ts`); whether a success holds what it should is for the caller. */
export function judge(answer: Answer, call: JudgedCall): Judgement {
  const body = jsonObject(answer);
  if (isAddressBlock(answer, body)) return failure(addressBlock(answer, call));

  const errorCode = body === undefined ? undefined : errorCodeOf(body);
  const row = FAILURE_TABLE.find((candidate) => fits(candidate, answer, call.endpoint, body, errorCode));
  if (row !== undefined) return failure(failureOf(row, answer, call, body));
  if (answer.status !== 200) return failure(invalidResponse(call, unexpectedStatus(answer), body));
  if (body === undefined)
    return failure(invalidResponse(call, `what is not a JSON object${glimpse(answer, call.secrets)}`));
  if (Number.isNaN(errorCode))
    return failure(invalidResponse(call, 'an errcode that is not a whole number', body));
  return { kind: 'success', body };
}

/**
 * The failure of an answer that came well but does not hold what it should; DingTalk's id of it is kept.
 *
 * @param received what came instead, in words of ours: nothing of it is hidden.
 */
export function invalidResponse(call: JudgedCall, received: string, body?: JsonObject): Failure {
  return {
    endpoint: call.endpoint,
    reason: 'invalid_response',
    action: 'retry',
    requestId: body === undefined ? undefined : detailsOf(body, call.secrets).requestId,
    message: `${call.endpoint} call to ${call.host}: received ${received}`,
    host: call.host,
    hint: 'not_dingtalk',
  };
}

function failure(failure: Failure): Judgement {
  return { kind: 'failure', failure };
}

function isAddressBlock(answer: Answer, body: JsonObject | undefined): boolean {
  if (body !== undefined)
    return member(body, 'punish') !== undefined && member(body, 'errcode') === undefined;
  return /<[a-z!]/iu.test(answer.text) && answer.text.includes('punish');
}

function addressBlock(answer: Answer, call: JudgedCall): Failure {
  return {
    endpoint: call.endpoint,
    reason: 'throttled',
    action: 'block_host',
    message: `${call.endpoint} call to ${call.host}: HTTP ${answer.status}, DingTalk has shut our address out for making too many calls`,
    host: call.host,
    hint: 'address_blocked',
  };
}

/**
 * The old-style error code, decided by the sub-code where the error is a wrapped one (errcode 88): undefined
 * where there is no error, NaN where it is no whole number.
 */
function errorCodeOf(body: JsonObject): number | undefined {
  const errcode = member(body, 'errcode');
  if (errcode === undefined || errcode === 0) return undefined;
  const plain = wholeNumber(errcode);
  const subCode = plain === 88 ? subCodeOf(body) : undefined;
  if (subCode === undefined) return plain;
  const code = wholeNumber(subCode);
  return Number.isNaN(code) ? SUB_CODE_IN_WORDS : code;
}

/** A code other than zero: a zero in quotes is no success as DingTalk documents it, and no failure that anybody knows. */
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

function failureOf(row: FailureRow, answer: Answer, call: JudgedCall, body: JsonObject | undefined): Failure {
  const details = body === undefined ? {} : detailsOf(body, call.secrets);
  const egressAddress =
    details.errorMessage === undefined ? undefined : IP_ADDRESS.exec(details.errorMessage)?.[0];
  return {
    endpoint: call.endpoint,
    reason: row.reason,
    action: row.action,
    ...details,
    message: `${call.endpoint} call to ${call.host}: ${describe(answer, details)}`,
    host: call.host,
    egressAddress,
    hint: row.hint,
    maximumRetries: row.maximumRetries,
    minimumDelay: row.reason === 'throttled' ? SHORTEST_THROTTLED_WAIT : undefined,
    retryAfter: retryAfterOf(answer, call.wallTime),
  };
}

/** DingTalk's own words, from either style of answer, with all secrets hidden. */
function detailsOf(body: JsonObject, secrets: readonly string[]): FailureDetails {
  const safe = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : redact(text, secrets);
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

/** What kind of thing came instead, without repeating it. */
function glimpse(answer: Answer, secrets: readonly string[]): string {
  const encoding = header(answer, 'content-encoding');
  if (encoding !== undefined && encoding !== 'identity')
    return ` (content-encoding ${redact(encoding, secrets)}, which was not asked for)`;
  const type = header(answer, 'content-type');
  const shown = type === undefined ? 'not given' : redact(type, secrets);
  return ` (content-type ${shown}, ${answer.text.length} characters)`;
}
