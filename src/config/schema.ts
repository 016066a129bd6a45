import * as z from 'zod';
import { checkCredentials } from './credentials.ts';
import { formatPath, quote } from './fault.ts';
import { duration, endpoint, filePath, id, name, region, secret, wholeNumber } from './values.ts';

/** What the reference in the documentation says about a key. */
export interface KeyReference {
  /** The environment variable that sets it. */
  readonly variable?: string;
  readonly default?: string;
  /** Inclusive. */
  readonly bounds?: string;
  readonly meaning: string;
}

const REFERENCE = z.registry<KeyReference>();

function key<Schema extends z.ZodType>(schema: Schema, meaning: string, variable?: string) {
  const optional = schema.optional();
  REFERENCE.add(optional, { meaning, ...(variable === undefined ? {} : { variable }) });
  return optional;
}

type PollKey = Required<Omit<KeyReference, 'bounds'>>;

const durationKey = (minimum: string, maximum: string, reference: PollKey) =>
  duration(minimum, maximum)
    .prefault(reference.default)
    .register(REFERENCE, { bounds: `${minimum} to ${maximum}`, ...reference });

const numberKey = (minimum: number, maximum: number, reference: PollKey) =>
  wholeNumber(minimum, maximum)
    .prefault(reference.default)
    .register(REFERENCE, { bounds: `${minimum} to ${maximum}`, ...reference });

const poll = z.strictObject({
  interval: durationKey('1s', '7d', {
    variable: 'DINGTALK_POLL_INTERVAL',
    default: '30m',
    meaning: 'from one poll of an organization to the next',
  }),
  failure_interval: durationKey('1ms', '7d', {
    variable: 'DINGTALK_FAILURE_INTERVAL',
    default: '5m',
    meaning: 'from a failed poll to the next; never longer than the interval of the organization',
  }),
  timeout: durationKey('1ms', '1h', {
    variable: 'DINGTALK_POLL_TIMEOUT',
    default: '1m',
    meaning: 'for a whole poll: token, both counts, retries',
  }),
  request_timeout: durationKey('1ms', '1h', {
    variable: 'DINGTALK_REQUEST_TIMEOUT',
    default: '10s',
    meaning: 'for one call to DingTalk',
  }),
  retries: numberKey(0, 10, {
    variable: 'DINGTALK_RETRIES',
    default: '3',
    meaning: 'of one call within its poll',
  }),
  max_staleness: duration('1ms', '1y').optional().register(REFERENCE, {
    variable: 'DINGTALK_MAX_STALENESS',
    default: '3 x interval + timeout',
    bounds: 'interval to 1y',
    meaning: 'the age at which a headcount is dropped',
  }),
  rate_limit: numberKey(1, 10_000, {
    variable: 'DINGTALK_RATE_LIMIT',
    default: '20',
    meaning: 'calls to DingTalk in any one second, all organizations together',
  }),
  concurrency: numberKey(1, 1_000, {
    variable: 'DINGTALK_CONCURRENCY',
    default: '50',
    meaning: 'calls to DingTalk in flight; one that waits to be retried does not count',
  }),
});

const endpoints = z.strictObject({
  api: endpoint().register(REFERENCE, { variable: 'DINGTALK_API_URL', meaning: 'issues access tokens' }),
  oapi: endpoint().register(REFERENCE, { variable: 'DINGTALK_OAPI_URL', meaning: 'counts' }),
});

/** Checks between keys also run where single values are wrong, so that all faults are reported at once. */
const EVEN_IF_WRONG: z.core.$ZodSuperRefineParams = { when: ({ value }) => isMap(value) };

const organization = z
  .strictObject({
    name: name.register(REFERENCE, {
      variable: 'DINGTALK_ORGANIZATION',
      meaning: 'the value of the label `organization`; unique, 1 to 128 characters',
    }),
    client_id: key(id, 'the Client ID (AppKey, suite key) of the app', 'DINGTALK_CLIENT_ID'),
    app_key: key(id, 'another name for `client_id`', 'DINGTALK_APP_KEY'),
    client_secret: key(secret, 'the Client Secret of the app', 'DINGTALK_CLIENT_SECRET'),
    client_secret_file: key(filePath, 'a file that holds it', 'DINGTALK_CLIENT_SECRET_FILE'),
    app_secret: key(secret, 'another name for `client_secret`', 'DINGTALK_APP_SECRET'),
    app_secret_file: key(filePath, 'another name for `client_secret_file`', 'DINGTALK_APP_SECRET_FILE'),
    corp_id: key(id, 'the organization that a third-party enterprise app reads', 'DINGTALK_CORP_ID'),
    suite_ticket_file: key(
      filePath,
      "a file that holds the suite ticket, which DingTalk pushes to the app's callback",
      'DINGTALK_SUITE_TICKET_FILE',
    ),
    access_token: key(
      secret,
      'a token that another program renews, instead of an app',
      'DINGTALK_ACCESS_TOKEN',
    ),
    access_token_file: key(filePath, 'a file that holds it', 'DINGTALK_ACCESS_TOKEN_FILE'),
    region: key(
      region,
      'where the app was created: `international` (the default) or `china`',
      'DINGTALK_REGION',
    ),
    endpoints: key(endpoints, 'instead of the region: `api` and `oapi`'),
    poll_interval: key(duration('1s', '7d'), 'overrides `poll.interval`'),
  })
  .superRefine(checkLocation, EVEN_IF_WRONG)
  .superRefine(checkCredentials, EVEN_IF_WRONG);

/** The configuration file. */
export const SCHEMA = z
  .strictObject(
    {
      region: key(region, 'of every organization that has none'),
      endpoints: key(endpoints, 'of every organization that has none, instead of the region'),
      poll: poll.prefault({}).register(REFERENCE, { meaning: 'how often, how long and how fast' }),
      organizations: z
        .array(organization)
        .superRefine(({ length }, context) => {
          if (length === 0) context.addIssue({ code: 'custom', message: 'is empty: at least one is needed' });
        })
        .register(REFERENCE, { meaning: 'a list of at least one' }),
    },
    { error: ({ input }) => (input === null ? 'is empty: it needs the key organizations' : undefined) },
  )
  .superRefine(checkLocation, EVEN_IF_WRONG)
  .superRefine(checkNames, EVEN_IF_WRONG)
  .superRefine(checkStaleness, EVEN_IF_WRONG);

export type ParsedConfiguration = z.output<typeof SCHEMA>;
export type ParsedOrganization = z.output<typeof organization>;

/** The keys of each map of the configuration, in the order of the reference. */
export const KEYS = {
  top: referenceOf(SCHEMA),
  poll: referenceOf(poll),
  organizations: referenceOf(organization),
  endpoints: referenceOf(endpoints),
} as const;

function referenceOf({ shape }: z.ZodObject): ReadonlyMap<string, KeyReference> {
  return new Map(
    Object.entries(shape).map(([key, schema]) => [key, REFERENCE.get(schema) ?? { meaning: '' }]),
  );
}

type Context = z.core.$RefinementCtx;

/** A map whose values are not validated. */
export type Unchecked = Readonly<Record<string, unknown>>;

export function isMap(value: unknown): value is Unchecked {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The organizations of a configuration that is not validated. */
export function organizationsIn({ organizations }: Unchecked): Unchecked[] {
  return Array.isArray(organizations) ? organizations.map((each) => (isMap(each) ? each : {})) : [];
}

function checkLocation({ region, endpoints }: Unchecked, context: Context): void {
  if (region === undefined || endpoints === undefined) return;
  const message = 'conflicts with endpoints: keep one of the two';
  context.addIssue({ code: 'custom', path: ['region'], message });
}

function checkNames(configuration: Unchecked, context: Context): void {
  const names = new Map<string, number>();
  for (const [index, { name }] of organizationsIn(configuration).entries()) {
    if (typeof name !== 'string') continue;
    const first = names.get(name) ?? index;
    names.set(name, first);
    if (first === index) continue;
    const message = `${quote(name)} is the name of ${formatPath(['organizations', first])} already`;
    context.addIssue({ code: 'custom', path: ['organizations', index, 'name'], message });
  }
}

function checkStaleness(configuration: Unchecked, context: Context): void {
  const poll = isMap(configuration['poll']) ? configuration['poll'] : {};
  const longest = organizationsIn(configuration).reduce((interval, { poll_interval = poll['interval'] }) => {
    return typeof poll_interval === 'number' ? Math.max(interval, poll_interval) : interval;
  }, 0);
  const staleness = poll['max_staleness'];
  if (typeof staleness !== 'number' || staleness >= longest) return;
  const message = `${staleness / 1000}s is shorter than the longest poll interval, ${longest / 1000}s: headcounts would be dropped between polls`;
  context.addIssue({ code: 'custom', path: ['poll', 'max_staleness'], message });
}
