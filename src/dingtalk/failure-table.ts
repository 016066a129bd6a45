import type { Remedy } from './dingtalk-error.ts';
import type { Endpoint, Reason } from './reason.ts';

/** What a cure may need to know about the call that failed. */
export interface CureContext {
  readonly endpoint: Endpoint;
  /** The host that was called. */
  readonly host: string;
  /** The address of ours that DingTalk named in its answer, where it did. */
  readonly egressAddress: string | undefined;
}

/** One kind of failing answer: how it is recognised, what it means to us, and what a person can do. */
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
  readonly remedy: Remedy;
  readonly maximumRetries?: number;
  /** In words, for the reference page. */
  readonly meaning: string;
  readonly cure: (context: CureContext) => string;
}

/** Milliseconds: DingTalk counts its limits by the second, so a throttled call waits at least one. */
export const SHORTEST_THROTTLED_WAIT = 1000;

/** Milliseconds: how long DingTalk shuts an address out. */
export const HOST_BLOCK_DURATION = 5 * 60_000;

const laterByItself = (): string => 'nothing to do unless it lasts: the exporter tries again by itself';

const slowDown = (): string =>
  'the exporter slows down by itself; if it lasts, lower poll.rate_limit, lengthen poll.interval, or see what else uses this app';

function checkCredentials({ endpoint, host }: CureContext): string {
  const region = host.endsWith('.dingtalk.io')
    ? ' (this is the international region; an app of the Chinese one needs region: china)'
    : host.endsWith('.dingtalk.com')
      ? ' (this is the Chinese region; an app of the international one needs region: international)'
      : ' (an app belongs to one region, international or china: see that the endpoints are those of its own)';
  const check = `check the client id, the client secret, the corp id and the suite ticket, and that the app is of this region${region}`;
  // A count is made with a token that may have come from the configuration itself, without any of these.
  return endpoint === 'token' ? check : `replace the access token if one is configured; else ${check}`;
}

const grantPermission = (): string =>
  'in the DingTalk developer console, give the app the permission qyapi_get_member (read permission for user information) and publish it';

const allowAddress = ({ egressAddress }: CureContext): string =>
  `in the DingTalk developer console, add ${egressAddress ?? 'the address that the exporter calls from'} to the app’s list of allowed server addresses`;

const askAdministrator = (): string =>
  'let an administrator of the organisation look at the app’s authorisation and its visible scope';

const reportIt = (): string =>
  'look the code up in DingTalk’s list of global error codes; if the exporter calls wrongly, please report it';

/**
 * The table of what each failing answer means. The first row that fits decides, so the special ones stand
 * above the general ones. Source: DingTalk's global error codes and its documentation of call limits.
 */
export const FAILURE_TABLE: readonly FailureRow[] = [
  {
    status: [429, 429],
    reason: 'throttled',
    remedy: 'retry',
    meaning: 'HTTP 429',
    cure: slowDown,
  },
  {
    status: [500, 599],
    code: /^unknownError$/u,
    endpoint: 'token',
    reason: 'unavailable',
    remedy: 'retry',
    meaning: 'HTTP 500 `unknownError` on a token call',
    cure: () => 'DingTalk also answers so to a wrong corp id: check it; else nothing to do unless it lasts',
  },
  {
    status: [500, 599],
    reason: 'unavailable',
    remedy: 'retry',
    meaning: 'any other HTTP 5xx',
    cure: laterByItself,
  },
  {
    status: [403, 403],
    code: /QpsLimit|QpmLimit/iu,
    reason: 'throttled',
    remedy: 'retry',
    meaning: 'HTTP 403 with a code that holds `QpsLimit` or `QpmLimit`',
    cure: slowDown,
  },
  {
    status: [403, 403],
    code: /ApiCountLimitForOrg/iu,
    reason: 'quota',
    remedy: 'stop',
    meaning: 'HTTP 403 with `ApiCountLimitForOrg`',
    cure: () =>
      'the organisation’s monthly API quota is used up: buy more in the DingTalk console, or lengthen poll.interval until the next month',
  },
  {
    status: [403, 403],
    code: /IpNotInWhiteList/iu,
    reason: 'permission',
    remedy: 'stop',
    meaning: 'HTTP 403 with `IpNotInWhiteList`',
    cure: allowAddress,
  },
  {
    status: [403, 403],
    code: /AccessTokenPermissionDenied/iu,
    reason: 'permission',
    remedy: 'stop',
    meaning: 'HTTP 403 with `AccessTokenPermissionDenied`',
    cure: grantPermission,
  },
  {
    endpoint: 'user_count',
    status: [400, 400],
    code: /InvalidAuthentication/iu,
    reason: 'credentials',
    remedy: 'renew_token',
    meaning: 'on a count: HTTP 400 with `InvalidAuthentication`',
    cure: checkCredentials,
  },
  {
    endpoint: 'token',
    status: [400, 401],
    reason: 'credentials',
    remedy: 'stop',
    meaning: 'on a token call: HTTP 400 or 401 with any code',
    cure: checkCredentials,
  },
  {
    errorCodes: [-1],
    reason: 'unavailable',
    remedy: 'retry',
    maximumRetries: 3,
    meaning: 'errcode -1 (busy)',
    cure: laterByItself,
  },
  {
    errorCodes: [15, 88],
    reason: 'unavailable',
    remedy: 'retry',
    meaning: 'errcode 15 (upstream time-out); errcode 88 without a sub-code',
    cure: laterByItself,
  },
  {
    errorCodes: [45009, [90001, 90014], 90018, 90019],
    reason: 'throttled',
    remedy: 'retry',
    meaning: 'errcode 45009, 90001 to 90014, 90018, 90019',
    cure: slowDown,
  },
  {
    errorCodes: [90020],
    reason: 'quota',
    remedy: 'stop',
    meaning: 'errcode 90020',
    cure: () => 'the quota of calls is used up: lengthen poll.interval, or buy more in the DingTalk console',
  },
  {
    endpoint: 'user_count',
    errorCodes: [40001, 40014, 42001, 43007],
    reason: 'credentials',
    remedy: 'renew_token',
    meaning: 'on a count: errcode 40001, 40014, 42001, 43007 (the token is refused)',
    cure: checkCredentials,
  },
  {
    endpoint: 'token',
    errorCodes: [40001, 40013, 40014, [40082, 40090], 40096, 42009, [853000, 853009], 900005, 900006],
    reason: 'credentials',
    remedy: 'stop',
    meaning:
      'on a token call: errcode 40001, 40013, 40014, 40082 to 40090, 40096, 42009, 853000 to 853009, 900005, 900006',
    cure: checkCredentials,
  },
  {
    errorCodes: [60011],
    reason: 'permission',
    remedy: 'stop',
    meaning: 'errcode 60011 (the app lacks `qyapi_get_member`)',
    cure: grantPermission,
  },
  {
    errorCodes: [60020],
    reason: 'permission',
    remedy: 'stop',
    meaning: 'errcode 60020 (our address is not allowed)',
    cure: allowAddress,
  },
  {
    errorCodes: [41030, 40079, [50002, 50005], 48002, 70001],
    reason: 'permission',
    remedy: 'stop',
    meaning: 'errcode 41030, 40079, 50002 to 50005, 48002, 70001',
    cure: askAdministrator,
  },
  {
    errorCodes: [[Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]],
    reason: 'rejected',
    remedy: 'stop',
    meaning: 'any other errcode',
    cure: reportIt,
  },
  {
    status: [400, 499],
    reason: 'rejected',
    remedy: 'stop',
    meaning: 'any other HTTP 4xx',
    cure: reportIt,
  },
];
