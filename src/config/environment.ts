import type { Fault } from './fault.ts';
import { nearest } from './nearest.ts';
import { KEYS } from './schema.ts';

/** Environment variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = 'DINGTALK_';

const PARTS = ['organizations', 'endpoints', 'poll'] as const;
type Part = (typeof PARTS)[number];

/** Every variable that sets a key, with the key and the part of the configuration that it belongs to. */
export const VARIABLES = PARTS.flatMap((part) =>
  Array.from(KEYS[part], ([key, { variable }]) => ({ part, key, variable })).filter(
    (each): each is typeof each & { readonly variable: string } => each.variable !== undefined,
  ),
);

const WAYS_TO_START =
  'nothing to poll: set DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET (or DINGTALK_ACCESS_TOKEN), ' +
  'or give --config.file=PATH, or try --demo';

/** The variables of the configuration that are set; an empty one is not. */
export function variablesThatAreSet(environment: Environment): string[] {
  return VARIABLES.map(({ variable }) => variable).filter((variable) => Boolean(environment[variable]));
}

/** The organization that the environment describes, in the form of a configuration file. */
export function readEnvironment(environment: Environment): unknown {
  const parts: Record<Part, Record<string, string>> = { organizations: {}, endpoints: {}, poll: {} };
  for (const { part, key, variable } of VARIABLES) {
    const value = environment[variable];
    if (value) parts[part][key] = value;
  }
  const { organizations: organization, endpoints, poll } = parts;
  const location = Object.keys(endpoints).length === 0 ? {} : { endpoints };
  return { poll, organizations: [{ name: 'default', ...organization, ...location }] };
}

/** Formats a fault with the names of variables instead of keys. */
export function formatFaultOfEnvironment({ path, message }: Fault): string {
  const variableOf = (key: unknown): string | undefined =>
    key === 'endpoints'
      ? 'DINGTALK_API_URL and DINGTALK_OAPI_URL'
      : VARIABLES.find((each) => each.key === key)?.variable;
  const variable = variableOf(path.at(-1));
  // The organization as a whole has no variable, and only one thing can be wrong with it.
  if (variable === undefined) return WAYS_TO_START;
  const words = message.replaceAll(
    /\b(?:poll\.(\w+)|endpoints|\w+_\w+)\b/g,
    (word, key) => variableOf(key ?? word) ?? word,
  );
  return `${variable}: ${words}`;
}

/** Warnings about variables that are similar to known ones. Others with the prefix may be flags or set by Kubernetes. */
export function misspeltVariables(environment: Environment): string[] {
  return Object.keys(environment).flatMap((variable) => {
    if (!variable.startsWith(PREFIX) || !environment[variable]) return [];
    if (VARIABLES.some((known) => known.variable === variable)) return [];
    // Without the prefix, which would make all names similar.
    const known = VARIABLES.map((each) => each.variable.slice(PREFIX.length));
    const meant = nearest(variable.slice(PREFIX.length), known);
    return meant === undefined ? [] : [`${variable}: unknown variable: did you mean ${PREFIX}${meant}?`];
  });
}
