import * as z from 'zod/mini';
import { POLL_KEYS } from './key-table.ts';
import { duration, endpoint, filePath, id, name, region, secret, wholeNumber } from './values.ts';

const poll = z.strictObject({
  interval: z.prefault(duration(POLL_KEYS.interval), POLL_KEYS.interval.default),
  failure_interval: z.prefault(duration(POLL_KEYS.failure_interval), POLL_KEYS.failure_interval.default),
  timeout: z.prefault(duration(POLL_KEYS.timeout), POLL_KEYS.timeout.default),
  request_timeout: z.prefault(duration(POLL_KEYS.request_timeout), POLL_KEYS.request_timeout.default),
  retries: z._default(wholeNumber(POLL_KEYS.retries), POLL_KEYS.retries.default),
  max_staleness: z.optional(duration(POLL_KEYS.max_staleness)),
  rate_limit: z._default(wholeNumber(POLL_KEYS.rate_limit), POLL_KEYS.rate_limit.default),
  concurrency: z._default(wholeNumber(POLL_KEYS.concurrency), POLL_KEYS.concurrency.default),
});

const endpoints = z.strictObject({ api: endpoint, oapi: endpoint });

const organization = z.strictObject({
  name,
  client_id: z.optional(id),
  app_key: z.optional(id),
  client_secret: z.optional(secret),
  client_secret_file: z.optional(filePath),
  app_secret: z.optional(secret),
  app_secret_file: z.optional(filePath),
  corp_id: z.optional(id),
  suite_ticket_file: z.optional(filePath),
  access_token: z.optional(secret),
  access_token_file: z.optional(filePath),
  region: z.optional(region),
  endpoints: z.optional(endpoints),
  poll_interval: z.optional(duration(POLL_KEYS.interval)),
});

const NO_ORGANIZATION = 'is empty: at least one organization is needed';

/** The shape of a configuration, key by key. What keys have to do with each other is checked elsewhere. */
export const SCHEMA = z.strictObject(
  {
    region: z.optional(region),
    endpoints: z.optional(endpoints),
    poll: z.prefault(poll, {}),
    organizations: z.array(organization).check(({ value, issues }) => {
      // Zod's own minLength also looks at the length of what is no list, and throws where that is no number.
      if (value.length === 0) issues.push({ code: 'custom', input: undefined, message: NO_ORGANIZATION });
    }),
  },
  {
    error: ({ input }) => (input === null ? 'is empty: it needs at least the key organizations' : undefined),
  },
);

export type ParsedConfiguration = z.output<typeof SCHEMA>;
export type ParsedOrganization = z.output<typeof organization>;

/** The keys that may stand in each part of a configuration. */
export const KNOWN_KEYS = {
  top: Object.keys(SCHEMA.shape),
  poll: Object.keys(poll.shape),
  endpoints: Object.keys(endpoints.shape),
  organizations: Object.keys(organization.shape),
} as const;
