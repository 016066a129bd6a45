import type { core } from 'zod/mini';
import type { Fault, Path } from './fault.ts';
import { nearest } from './nearest.ts';
import { KNOWN_KEYS } from './schema.ts';
import { foundInWords, meantInWords } from './type-words.ts';

/** What is wrong with a value that is not of the type that was meant. It never shows the value. */
export function describeIssue(issue: core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return describeType(issue.input, meantInWords(issue.expected));
    case 'invalid_union':
      return describeType(issue.input, 'a duration');
    case 'invalid_value':
      return describeType(issue.input, 'text');
    default:
      return `is invalid (${issue.code})`;
  }
}

function describeType(input: unknown, expected: string): string {
  if (input === undefined) return 'is missing';
  if (input === null) return 'has no value: write one, or take the key out';
  const quotable = expected === 'text' && (typeof input === 'number' || typeof input === 'boolean');
  if (quotable) return `is ${foundInWords(input)} where text is meant: put it in quotes`;
  return `is ${foundInWords(input)}, but ${expected} is meant`;
}

/** The faults that an issue of the schema stands for: one, or one for each unknown key. */
export function faultsOfIssue(issue: core.$ZodIssue): Fault[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key], message: `unknown key${hint(key, path)}` }));
}

function partAt(path: Path): keyof typeof KNOWN_KEYS {
  const last = path.findLast((step) => typeof step === 'string');
  return last === 'poll' || last === 'endpoints' || last === 'organizations' ? last : 'top';
}

function hint(key: string, path: Path): string {
  const part = partAt(path);
  if (/[:=\s]/.test(key)) return ': a key ends with a colon and a blank';
  const meant = nearest(key, KNOWN_KEYS[part]);
  if (meant !== undefined) return `: did you mean ${meant}?`;
  if (key === '<<') return ': merge keys are not read, repeat the keys instead';
  if (part !== 'poll' && KNOWN_KEYS.poll.includes(key)) return ': it stands under poll, at the top';
  if (part !== 'organizations' && KNOWN_KEYS.organizations.includes(key)) {
    return ': it stands at an organization';
  }
  return ` (known here: ${KNOWN_KEYS[part].join(', ')})`;
}
