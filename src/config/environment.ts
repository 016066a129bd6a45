import type { Path } from './fault.ts';
import type { Loaded } from './file.ts';
import type { Environment } from './flag-reader.ts';
import { ENDPOINT_VARIABLES, ORGANIZATION_KEYS, type OrganizationKey } from './key-table.ts';
import { nearest } from './nearest.ts';
import { CREDENTIAL_KEYS } from './organization.ts';
import { validate } from './validate.ts';

const PREFIX = 'DINGTALK_';

/** Flags, and what Kubernetes injects for a service of that name. */
const PREFIX_OF_FLAGS = 'DINGTALK_EXPORTER_';

const DEFAULT_NAME = 'default';

/** Every variable that describes the one organization of the environment. */
export const ORGANIZATION_VARIABLES: readonly string[] = [
  ...ORGANIZATION_KEYS.flatMap(({ variable }) => variable ?? []),
  ...Object.values(ENDPOINT_VARIABLES),
];

const WAYS_TO_START =
  'nothing to poll: set DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET (or DINGTALK_ACCESS_TOKEN), ' +
  'or give --config.file=PATH, or try --demo';

/** Those of the organization's variables that are set; an empty one is not. */
export function variablesThatAreSet(environment: Environment): string[] {
  return ORGANIZATION_VARIABLES.filter((variable) => read(environment, variable) !== undefined);
}

/** Reads one organization from `DINGTALK_*`. Faults are named by variable. It never throws. */
export function loadEnvironment(environment: Environment): Loaded {
  const organization: Partial<Record<OrganizationKey, unknown>> = {};
  for (const { key, variable } of ORGANIZATION_KEYS) {
    const value = variable === undefined ? undefined : read(environment, variable);
    if (value !== undefined) organization[key] = value;
  }
  const endpoints = endpointsOf(environment);
  if (endpoints !== undefined) organization.endpoints = endpoints;
  organization.name ??= DEFAULT_NAME;

  const slips = slipsIn(environment);
  if (CREDENTIAL_KEYS.every((key) => organization[key] === undefined)) {
    return { kind: 'faults', faults: [...slips, WAYS_TO_START], secretFiles: [] };
  }
  const spell = (key: OrganizationKey): string => variableOf(key, environment);
  const validation = validate({ organizations: [organization] }, { spell, locate: (path) => path });
  const faults = validation.kind === 'faults' ? validation.faults : [];
  const secretFiles = validation.secretFiles.map(({ at, ...file }) => ({
    ...file,
    where: variableAt(at, environment),
  }));
  if (validation.kind === 'faults' || slips.length > 0) {
    const lines = faults.map(({ path, message }) => `${variableAt(path, environment)}: ${message}`);
    return { kind: 'faults', faults: [...slips, ...lines], secretFiles };
  }
  return { kind: 'configuration', configuration: validation.configuration, secretFiles };
}

function read(environment: Environment, variable: string): string | undefined {
  const value = environment[variable];
  return value === '' ? undefined : value;
}

function endpointsOf(environment: Environment): Readonly<Record<string, string>> | undefined {
  const given = Object.entries(ENDPOINT_VARIABLES).flatMap(([key, variable]) => {
    const value = read(environment, variable);
    return value === undefined ? [] : [[key, value] as const];
  });
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

function variableOf(key: OrganizationKey, environment: Environment): string {
  const variable = ORGANIZATION_KEYS.find((each) => each.key === key)?.variable;
  if (variable !== undefined) return variable;
  const { api, oapi } = ENDPOINT_VARIABLES;
  return read(environment, api) === undefined ? oapi : api;
}

/** The variable that a path within the one organization stands for. */
function variableAt([, , step, host]: Path, environment: Environment): string {
  if (host === 'api' || host === 'oapi') return ENDPOINT_VARIABLES[host];
  const key = ORGANIZATION_KEYS.find((each) => each.key === step)?.key;
  return variableOf(key ?? 'name', environment);
}

/**
 * Variables that are nearly one of ours, where that one is not set. Others with the prefix are left alone: they
 * belong to other programs.
 */
function slipsIn(environment: Environment): string[] {
  const free = ORGANIZATION_VARIABLES.filter((variable) => read(environment, variable) === undefined);
  return Object.keys(environment).flatMap((variable) => {
    if (!variable.startsWith(PREFIX) || variable.startsWith(PREFIX_OF_FLAGS)) return [];
    if (ORGANIZATION_VARIABLES.includes(variable) || read(environment, variable) === undefined) return [];
    // The prefix is the same in all: it must not make the rest look alike.
    const meant = nearest(
      variable.slice(PREFIX.length),
      free.map((each) => each.slice(PREFIX.length)),
    );
    return meant === undefined ? [] : [`${variable}: unknown variable: did you mean ${PREFIX}${meant}?`];
  });
}
