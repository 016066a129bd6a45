import type { Endpoints } from '../dingtalk/credentials.ts';
import type { Configuration, OrganizationConfiguration } from './configuration.ts';
import { type Fault, formatFault, formatPath, type Path } from './fault.ts';
import { describeIssue, faultsOfIssue } from './issues.ts';
import { beside, checkOrganization, credentialsOf, SECRET_FILE_KEYS, type Spelling } from './organization.ts';
import { quote } from './quote.ts';
import { type ParsedConfiguration, type ParsedOrganization, SCHEMA } from './schema.ts';

/** The hosts of DingTalk's regions. */
export const REGIONS = {
  international: { api: 'https://api.dingtalk.io', oapi: 'https://oapi.dingtalk.io' },
  china: { api: 'https://api.dingtalk.com', oapi: 'https://oapi.dingtalk.com' },
} as const satisfies Readonly<Record<string, Endpoints>>;

/** A file that holds a secret, and where the configuration names it. */
export interface SecretFileReference {
  readonly organization: string;
  readonly path: string;
  readonly at: Path;
}

export type Validation =
  | {
      readonly kind: 'configuration';
      readonly configuration: Configuration;
      readonly secretFiles: readonly SecretFileReference[];
    }
  | {
      readonly kind: 'faults';
      readonly faults: readonly Fault[];
      /** Those that can be told in spite of the faults, so that they can be looked at as well. */
      readonly secretFiles: readonly SecretFileReference[];
    };

/** What validation needs to know of the source of a configuration. */
export interface Source {
  readonly spell: Spelling;
  /** Where a path leads that stands in the configuration. */
  readonly locate: (path: string) => string;
}

/**
 * Turns any value of the shape of a configuration file into a configuration with every default filled in, or into
 * everything that is wrong with it. It never throws.
 */
export function validate(value: unknown, source: Source): Validation {
  const parsed = SCHEMA.safeParse(value, { error: describeIssue });
  const faults = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap(faultsOfIssue)),
    ...faultsBetweenKeys(value, source.spell),
  ];
  const secretFiles = secretFilesOf(value, faults, source);
  return parsed.success && faults.length === 0
    ? { kind: 'configuration', configuration: build(parsed.data, source), secretFiles }
    : { kind: 'faults', faults: withoutRepetition(faults), secretFiles };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Own keys only: a key called `constructor` is unknown, not inherited. */
function ownKey(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Whatever stands where organizations should, and has keys. */
function organizationsIn(value: unknown): [number, Readonly<Record<string, unknown>>][] {
  const organizations = isRecord(value) ? ownKey(value, 'organizations') : undefined;
  if (!Array.isArray(organizations)) return [];
  return organizations.flatMap((organization: unknown, index) =>
    isRecord(organization) ? [[index, organization]] : [],
  );
}

function faultsBetweenKeys(value: unknown, spell: Spelling): Fault[] {
  if (!isRecord(value)) return [];
  const faults: Fault[] = [];
  if (ownKey(value, 'region') !== undefined && ownKey(value, 'endpoints') !== undefined) {
    faults.push({ path: ['endpoints'], message: beside('region') });
  }
  const names = new Map<string, number>();
  for (const [index, organization] of organizationsIn(value)) {
    const path = ['organizations', index];
    for (const { key, message } of checkOrganization(organization, spell)) {
      faults.push({ path: key === undefined ? path : [...path, key], message });
    }
    const name = ownKey(organization, 'name');
    if (typeof name !== 'string') continue;
    const first = names.get(name);
    if (first === undefined) names.set(name, index);
    else {
      const message = `${quote(name)} is the name of ${formatPath(['organizations', first])} already`;
      faults.push({ path: [...path, 'name'], message });
    }
  }
  return faults;
}

/** Some values break two rules of the schema that are told in the same words. */
function withoutRepetition(faults: readonly Fault[]): Fault[] {
  const seen = new Set<string>();
  return faults.filter((fault) => {
    const line = formatFault(fault);
    return seen.has(line) ? false : seen.add(line);
  });
}

function build(parsed: ParsedConfiguration, { locate }: Source): Configuration {
  const { poll } = parsed;
  const organizations = parsed.organizations.map((organization): OrganizationConfiguration => {
    const pollInterval = organization.poll_interval ?? poll.interval;
    return {
      name: organization.name,
      endpoints: endpointsOf(organization) ?? endpointsOf(parsed) ?? REGIONS.international,
      credentials: credentialsOf(organization, locate),
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

function endpointsOf(part: Pick<ParsedOrganization, 'region' | 'endpoints'>): Endpoints | undefined {
  return part.endpoints ?? (part.region && REGIONS[part.region]);
}

function secretFilesOf(value: unknown, faults: readonly Fault[], { locate }: Source): SecretFileReference[] {
  const faulty = new Set(faults.map(({ path }) => formatPath(path)));
  return organizationsIn(value).flatMap(([index, organization]) =>
    SECRET_FILE_KEYS.flatMap((key) => {
      const path = ownKey(organization, key);
      const at = ['organizations', index, key];
      if (typeof path !== 'string' || faulty.has(formatPath(at))) return [];
      return [{ organization: String(ownKey(organization, 'name')), path: locate(path), at }];
    }),
  );
}
