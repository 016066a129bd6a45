import type { DurationBounds } from './duration.ts';

interface DurationKey extends DurationBounds {
  readonly kind: 'duration';
  /** Undefined where it depends on other keys. */
  readonly default: string | undefined;
  readonly meaning: string;
}

interface NumberKey {
  readonly kind: 'number';
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
  readonly meaning: string;
}

/** The keys under `poll`, told once: the schema and the documentation are made from them. */
export const POLL_KEYS = {
  interval: {
    kind: 'duration',
    default: '30m',
    minimum: '1s',
    maximum: '7d',
    meaning: 'from one poll of an organization to the next',
  },
  failure_interval: {
    kind: 'duration',
    default: '5m',
    minimum: '1ms',
    maximum: '7d',
    meaning: 'from a failed poll to the next one; never longer than the interval of the organization',
  },
  timeout: {
    kind: 'duration',
    default: '1m',
    minimum: '1ms',
    maximum: '1h',
    meaning: 'for a whole poll: token, both counts, retries',
  },
  request_timeout: {
    kind: 'duration',
    default: '10s',
    minimum: '1ms',
    maximum: '1h',
    meaning: 'for one call to DingTalk',
  },
  retries: {
    kind: 'number',
    default: 3,
    minimum: 0,
    maximum: 10,
    meaning: 'how often one call is tried again within its poll',
  },
  max_staleness: {
    kind: 'duration',
    default: undefined,
    minimum: '1ms',
    maximum: '1y',
    meaning:
      'the age at which a headcount is no longer shown (default: 3 times the interval of the organization + `timeout`)',
  },
  rate_limit: {
    kind: 'number',
    default: 20,
    minimum: 1,
    maximum: 10_000,
    meaning: 'calls to DingTalk in any one second, all organizations together',
  },
  concurrency: {
    kind: 'number',
    default: 50,
    minimum: 1,
    maximum: 1_000,
    meaning: 'calls to DingTalk in flight at once; an organization that waits to retry holds no place',
  },
} as const satisfies Readonly<Record<string, DurationKey | NumberKey>>;

interface OrganizationKeyDefinition {
  readonly key: string;
  readonly type: string;
  /** The environment variable that stands for it; none where the two ways of writing it differ. */
  readonly variable: string | undefined;
  readonly meaning: string;
}

/** The keys of an organization, told once: the environment and the documentation are made from them. */
export const ORGANIZATION_KEYS = [
  {
    key: 'name',
    type: 'text, 1 to 128 characters, unique',
    variable: 'DINGTALK_ORGANIZATION',
    meaning: 'the value of the label `organization`',
  },
  {
    key: 'client_id',
    type: 'text',
    variable: 'DINGTALK_CLIENT_ID',
    meaning: 'the Client ID (AppKey, suite key) of the app',
  },
  { key: 'app_key', type: 'text', variable: 'DINGTALK_APP_KEY', meaning: 'another name for `client_id`' },
  {
    key: 'client_secret',
    type: 'text',
    variable: 'DINGTALK_CLIENT_SECRET',
    meaning: 'the Client Secret (AppSecret, suite secret) of the app',
  },
  {
    key: 'client_secret_file',
    type: 'path',
    variable: 'DINGTALK_CLIENT_SECRET_FILE',
    meaning: 'a file that holds it',
  },
  {
    key: 'app_secret',
    type: 'text',
    variable: 'DINGTALK_APP_SECRET',
    meaning: 'another name for `client_secret`',
  },
  {
    key: 'app_secret_file',
    type: 'path',
    variable: 'DINGTALK_APP_SECRET_FILE',
    meaning: 'another name for `client_secret_file`',
  },
  {
    key: 'corp_id',
    type: 'text',
    variable: 'DINGTALK_CORP_ID',
    meaning: 'the organization that a third-party enterprise app reads',
  },
  {
    key: 'suite_ticket_file',
    type: 'path',
    variable: 'DINGTALK_SUITE_TICKET_FILE',
    meaning:
      "a file that holds the suite ticket which DingTalk pushes to the app's callback; needs `corp_id`",
  },
  {
    key: 'access_token',
    type: 'text',
    variable: 'DINGTALK_ACCESS_TOKEN',
    meaning: 'an access token that somebody else keeps fresh, instead of an app',
  },
  {
    key: 'access_token_file',
    type: 'path',
    variable: 'DINGTALK_ACCESS_TOKEN_FILE',
    meaning: 'a file that holds it',
  },
  {
    key: 'region',
    type: '`international` or `china`',
    variable: 'DINGTALK_REGION',
    meaning: 'where the app was made; goes before the region and the endpoints at the top',
  },
  {
    key: 'endpoints',
    type: '`api` and `oapi`, URLs',
    variable: undefined,
    meaning: 'instead of the region',
  },
  {
    key: 'poll_interval',
    type: 'duration, 1s to 7d',
    variable: 'DINGTALK_POLL_INTERVAL',
    meaning: 'instead of `poll.interval`',
  },
] as const satisfies readonly OrganizationKeyDefinition[];

export type OrganizationKey = (typeof ORGANIZATION_KEYS)[number]['key'];

/** How the two keys of `endpoints` are written in the environment. */
export const ENDPOINT_VARIABLES = { api: 'DINGTALK_API_URL', oapi: 'DINGTALK_OAPI_URL' } as const;
