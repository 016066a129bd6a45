import type { Action } from './dingtalk-error.ts';
import type { HintId } from './hints.ts';
import type { Endpoint, Reason } from './reason.ts';

/** What a failed response means, and what the operator can do. */
interface Outcome {
  readonly reason: Reason;
  readonly action: Action;
  readonly hint: HintId;
}

/** One kind of failed response: how it is recognized, and its outcome. */
export interface FailureRow extends Outcome {
  /** A description for docs/metrics.md. */
  readonly meaning: string;
  /** The kind of call; both if omitted. */
  readonly endpoint?: Endpoint;
  /** HTTP status codes, from and to; any if omitted. */
  readonly status?: readonly [number, number];
  /** Part of the new-style `code`. */
  readonly code?: RegExp;
  /** Old-style `errcode`, or the sub-code if there is one: single codes, and ranges from and to. */
  readonly errorCodes?: readonly (number | readonly [number, number])[];
  readonly maximumRetries?: number;
}

/** Milliseconds for which DingTalk blocks an address. */
export const HOST_BLOCK_DURATION = 5 * 60_000;

const UNAVAILABLE: Outcome = { reason: 'unavailable', action: 'retry', hint: 'wait' };
const THROTTLED: Outcome = { reason: 'throttled', action: 'retry', hint: 'slow_down' };
const QUOTA: Outcome = { reason: 'quota', action: 'stop', hint: 'monthly_quota' };
const CREDENTIALS: Outcome = { reason: 'credentials', action: 'stop', hint: 'credentials' };
const TOKEN_REFUSED: Outcome = { ...CREDENTIALS, action: 'renew_token' };
const PERMISSION: Outcome = { reason: 'permission', action: 'stop', hint: 'permission' };
const REJECTED: Outcome = { reason: 'rejected', action: 'stop', hint: 'unknown_code' };

/**
 * What each failed response means. The first row that matches decides, so special rows come before general ones.
 * Source: DingTalk's global error codes and its documentation of call limits.
 */
export const FAILURE_TABLE: readonly FailureRow[] = [
  { meaning: 'HTTP 429', status: [429, 429], ...THROTTLED },
  {
    meaning: 'HTTP 5xx `unknownError` on a token call',
    endpoint: 'token',
    status: [500, 599],
    code: /^unknownError$/u,
    ...UNAVAILABLE,
    hint: 'corp_id',
  },
  { meaning: 'any other HTTP 5xx', status: [500, 599], ...UNAVAILABLE },
  {
    meaning: 'HTTP 403 with a code that contains `QpsLimit` or `QpmLimit`',
    status: [403, 403],
    code: /QpsLimit|QpmLimit/iu,
    ...THROTTLED,
  },
  {
    meaning: 'HTTP 403 with `ApiCountLimitForOrg`',
    status: [403, 403],
    code: /ApiCountLimitForOrg/iu,
    ...QUOTA,
  },
  {
    meaning: 'HTTP 403 with `IpNotInWhiteList`',
    status: [403, 403],
    code: /IpNotInWhiteList/iu,
    ...PERMISSION,
    hint: 'allow_address',
  },
  {
    meaning: 'HTTP 403 with `AccessTokenPermissionDenied`',
    status: [403, 403],
    code: /AccessTokenPermissionDenied/iu,
    ...PERMISSION,
  },
  {
    meaning: 'on a count: HTTP 400 with `InvalidAuthentication`',
    endpoint: 'user_count',
    status: [400, 400],
    code: /InvalidAuthentication/iu,
    ...TOKEN_REFUSED,
  },
  {
    meaning: 'on a token call: HTTP 400 or 401 with any code',
    endpoint: 'token',
    status: [400, 401],
    ...CREDENTIALS,
  },
  { meaning: 'errcode -1 (busy)', errorCodes: [-1], ...UNAVAILABLE, maximumRetries: 3 },
  {
    meaning: 'errcode 15 (upstream time-out); errcode 88 without a sub-code',
    errorCodes: [15, 88],
    ...UNAVAILABLE,
  },
  {
    meaning: 'errcode 45009, 90001 to 90014, 90018, 90019',
    errorCodes: [45009, [90001, 90014], 90018, 90019],
    ...THROTTLED,
  },
  { meaning: 'errcode 90020', errorCodes: [90020], ...QUOTA, hint: 'call_quota' },
  {
    meaning: 'on a count: errcode 40001, 40014, 42001, 43007 (the token is refused)',
    endpoint: 'user_count',
    errorCodes: [40001, 40014, 42001, 43007],
    ...TOKEN_REFUSED,
  },
  {
    meaning:
      'on a token call: errcode 40001, 40013, 40014, 40082 to 40090, 40096, 42009, 853000 to 853009, 900005, 900006',
    endpoint: 'token',
    errorCodes: [40001, 40013, 40014, [40082, 40090], 40096, 42009, [853000, 853009], 900005, 900006],
    ...CREDENTIALS,
  },
  { meaning: 'errcode 60011 (the app lacks `qyapi_get_member`)', errorCodes: [60011], ...PERMISSION },
  {
    meaning: 'errcode 60020 (the address is not allowed)',
    errorCodes: [60020],
    ...PERMISSION,
    hint: 'allow_address',
  },
  {
    meaning: 'errcode 41030, 40079, 50002 to 50005, 48002, 70001',
    errorCodes: [41030, 40079, [50002, 50005], 48002, 70001],
    ...PERMISSION,
    hint: 'administrator',
  },
  {
    meaning: 'any other errcode',
    errorCodes: [[Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]],
    ...REJECTED,
  },
  { meaning: 'any other HTTP 4xx', status: [400, 499], ...REJECTED },
];
