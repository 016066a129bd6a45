import { isAbsolute, join } from 'node:path';
import type { Endpoints } from '../dingtalk/credentials.ts';
import type { Configuration, OrganizationConfiguration } from './configuration.ts';
import { credentialsOf } from './credentials.ts';
import { describeIssue, type Fault, faultsOfIssue, type Path } from './fault.ts';
import { KEYS, type ParsedConfiguration, type ParsedOrganization, SCHEMA } from './schema.ts';

/** The hosts of DingTalk's regions. */
export const REGIONS = {
  international: { api: 'https://api.dingtalk.io', oapi: 'https://oapi.dingtalk.io' },
  china: { api: 'https://api.dingtalk.com', oapi: 'https://oapi.dingtalk.com' },
} as const satisfies Readonly<Record<string, Endpoints>>;

/** A configuration with every default filled in, or everything that is wrong with it. */
export interface Validation {
  readonly configuration?: Configuration;
  readonly faults: readonly Fault[];
}

/** Validates any value. Relative paths in it start from `folder`. It never throws. */
export function validate(value: unknown, folder: string): Validation {
  const parsed = SCHEMA.safeParse(value, { error: describeIssue });
  if (!parsed.success)
    return { faults: parsed.error.issues.flatMap((issue) => faultsOfIssue(issue, keysAt)) };
  return { configuration: build(parsed.data, folder), faults: [] };
}

/** Resolves a path of the configuration. */
export function locate(path: string, folder: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

function keysAt(path: Path): readonly string[] {
  const part = path.findLast((step) => step === 'poll' || step === 'endpoints' || step === 'organizations');
  return [...KEYS[part ?? 'top'].keys()];
}

function build(parsed: ParsedConfiguration, folder: string): Configuration {
  const { poll } = parsed;
  const organizations = parsed.organizations.map((organization): OrganizationConfiguration => {
    const pollInterval = organization.poll_interval ?? poll.interval;
    return {
      name: organization.name,
      endpoints: endpointsOf(organization) ?? endpointsOf(parsed) ?? REGIONS.international,
      credentials: credentialsOf(organization, (path) => locate(path, folder)),
      pollInterval,
      failureInterval: Math.min(poll.failure_interval, pollInterval),
      maxStaleness: poll.max_staleness ?? 3 * pollInterval + poll.timeout,
    };
  });
  return {
    poll: {
      timeout: poll.timeout,
      requestTimeout: poll.request_timeout,
      retries: poll.retries,
      rateLimit: poll.rate_limit,
      concurrency: poll.concurrency,
    },
    organizations,
  };
}

function endpointsOf({
  region,
  endpoints,
}: Pick<ParsedOrganization, 'region' | 'endpoints'>): Endpoints | undefined {
  return endpoints ?? (region && REGIONS[region]);
}

/** Access tokens are valid for two hours. */
const TOKEN_LIFETIME_SECONDS = 7_200;

/** What is wrong where polls need more calls a second than `rate_limit` allows: two for each poll, one for each token. */
export function faultOfRateLimit({ poll: { rateLimit }, organizations }: Configuration): Fault | undefined {
  const apps = new Set<string>();
  let needed = 0;
  for (const { pollInterval, credentials, endpoints } of organizations) {
    needed += 2_000 / pollInterval;
    if (credentials.kind === 'access_token') continue;
    const corpId = credentials.kind === 'internal_app' ? '' : credentials.corpId;
    apps.add(JSON.stringify([endpoints.api, credentials.clientId, corpId]));
  }
  needed += apps.size / TOKEN_LIFETIME_SECONDS;
  if (needed <= rateLimit) return undefined;
  const shown = [3, 6]
    .map((digits) => Number(needed.toPrecision(digits)))
    .find((number) => number > rateLimit);
  const who =
    organizations.length === 1 ? '1 organization needs' : `${organizations.length} organizations need`;
  const message = `${who} ${shown ?? needed} calls a second, rate_limit is ${rateLimit}: raise it or lengthen poll.interval`;
  return { path: ['poll', 'rate_limit'], message };
}
