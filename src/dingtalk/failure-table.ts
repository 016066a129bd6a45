import type { Action } from './dingtalk-error.ts';
import type { HintId } from './hints.ts';
import type { Endpoint, Reason } from './reason.ts';

/** One kind of failing answer: how it is recognized, what it means to us, and what a person can do. */
export interface FailureRow {
  /** Only on this kind of call; on both where left out. */
  readonly endpoint?: Endpoint;
  /** HTTP status codes, from and to; every status where left out. */
  readonly status?: readonly [number, number];
  /** Part of the new-style `code`. */
  readonly code?: RegExp;
  /** Old-style `errcode`, or the sub-code where there is one: single codes and ranges from and to. */
  readonly errorCodes?: readonly (number | readonly [number, number])[];
  readonly reason: Reason;
  readonly action: Action;
  readonly maximumRetries?: number;
  /** In words, for the reference page. */
  readonly meaning: string;
  readonly hint: HintId;
}

/** Milliseconds: DingTalk counts its limits by the second, so a throttled call waits at least one. */
export const SHORTEST_THROTTLED_WAIT = 1000;

/** Milliseconds: how long DingTalk shuts an address out. */
export const HOST_BLOCK_DURATION = 5 * 60_000;

/**
 * The table of what each failing answer means. The first row that fits decides, so the special ones stand
 * above the general ones. Source: DingTalk's global error codes and its documentation of call limits.
 */
export const FAILURE_TABLE: readonly FailureRow[] = [
  {
    status: [429, 429],
    reason: 'throttled',
    action: 'retry',
    meaning: 'HTTP 429',
    hint: 'slow_down',
  },
  {
    status: [500, 599],
    code: /^unknownError$/u,
    endpoint: 'token',
    reason: 'unavailable',
    action: 'retry',
    meaning: 'HTTP 500 `unknownError` on a token call',
    hint: 'corp_id',
  },
  {
    status: [500, 599],
    reason: 'unavailable',
    action: 'retry',
    meaning: 'any other HTTP 5xx',
    hint: 'wait',
  },
  {
    status: [403, 403],
    code: /QpsLimit|QpmLimit/iu,
    reason: 'throttled',
    action: 'retry',
    meaning: 'HTTP 403 with a code that holds `QpsLimit` or `QpmLimit`',
    hint: 'slow_down',
  },
  {
    status: [403, 403],
    code: /ApiCountLimitForOrg/iu,
    reason: 'quota',
    action: 'stop',
    meaning: 'HTTP 403 with `ApiCountLimitForOrg`',
    hint: 'monthly_quota',
  },
  {
    status: [403, 403],
    code: /IpNotInWhiteList/iu,
    reason: 'permission',
    action: 'stop',
    meaning: 'HTTP 403 with `IpNotInWhiteList`',
    hint: 'allow_address',
  },
  {
    status: [403, 403],
    code: /AccessTokenPermissionDenied/iu,
    reason: 'permission',
    action: 'stop',
    meaning: 'HTTP 403 with `AccessTokenPermissionDenied`',
    hint: 'permission',
  },
  {
    endpoint: 'user_count',
    status: [400, 400],
    code: /InvalidAuthentication/iu,
    reason: 'credentials',
    action: 'renew_token',
    meaning: 'on a count: HTTP 400 with `InvalidAuthentication`',
    hint: 'credentials',
  },
  {
    endpoint: 'token',
    status: [400, 401],
    reason: 'credentials',
    action: 'stop',
    meaning: 'on a token call: HTTP 400 or 401 with any code',
    hint: 'credentials',
  },
  {
    errorCodes: [-1],
    reason: 'unavailable',
    action: 'retry',
    maximumRetries: 3,
    meaning: 'errcode -1 (busy)',
    hint: 'wait',
  },
  {
    errorCodes: [15, 88],
    reason: 'unavailable',
    action: 'retry',
    meaning: 'errcode 15 (upstream time-out); errcode 88 without a sub-code',
    hint: 'wait',
  },
  {
    errorCodes: [45009, [90001, 90014], 90018, 90019],
    reason: 'throttled',
    action: 'retry',
    meaning: 'errcode 45009, 90001 to 90014, 90018, 90019',
    hint: 'slow_down',
  },
  {
    errorCodes: [90020],
    reason: 'quota',
    action: 'stop',
    meaning: 'errcode 90020',
    hint: 'call_quota',
  },
  {
    endpoint: 'user_count',
    errorCodes: [40001, 40014, 42001, 43007],
    reason: 'credentials',
    action: 'renew_token',
    meaning: 'on a count: errcode 40001, 40014, 42001, 43007 (the token is refused)',
    hint: 'credentials',
  },
  {
    endpoint: 'token',
    errorCodes: [40001, 40013, 40014, [40082, 40090], 40096, 42009, [853000, 853009], 900005, 900006],
    reason: 'credentials',
    action: 'stop',
    meaning:
      'on a token call: errcode 40001, 40013, 40014, 40082 to 40090, 40096, 42009, 853000 to 853009, 900005, 900006',
    hint: 'credentials',
  },
  {
    errorCodes: [60011],
    reason: 'permission',
    action: 'stop',
    meaning: 'errcode 60011 (the app lacks `qyapi_get_member`)',
    hint: 'permission',
  },
  {
    errorCodes: [60020],
    reason: 'permission',
    action: 'stop',
    meaning: 'errcode 60020 (our address is not allowed)',
    hint: 'allow_address',
  },
  {
    errorCodes: [41030, 40079, [50002, 50005], 48002, 70001],
    reason: 'permission',
    action: 'stop',
    meaning: 'errcode 41030, 40079, 50002 to 50005, 48002, 70001',
    hint: 'administrator',
  },
  {
    errorCodes: [[Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]],
    reason: 'rejected',
    action: 'stop',
    meaning: 'any other errcode',
    hint: 'unknown_code',
  },
  {
    status: [400, 499],
    reason: 'rejected',
    action: 'stop',
    meaning: 'any other HTTP 4xx',
    hint: 'unknown_code',
  },
];
