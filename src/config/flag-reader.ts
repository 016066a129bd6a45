import { FLAGS, type FlagName, variableOf } from './flag-table.ts';
import { nearest } from './nearest.ts';
import { quote } from './quote.ts';
import { MAXIMUM_SHARDS, parseShard, type Shard } from './shard.ts';

/** Environment variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where values were found, as a fault names it, and what stands there; not all of them are empty. */
interface Given {
  readonly origin: string;
  readonly values: readonly string[];
}

/** Turns raw values into settings, one method for each kind; what is wrong is gathered in `faults`. */
export class FlagReader {
  readonly faults: string[] = [];
  readonly #commandLine: ReadonlyMap<FlagName, readonly string[]>;
  readonly #environment: Environment;

  constructor(commandLine: ReadonlyMap<FlagName, readonly string[]>, environment: Environment) {
    this.#commandLine = commandLine;
    this.#environment = environment;
  }

  text(name: FlagName): string | undefined {
    return this.#given(name)?.values.at(-1) || defaultOf(name);
  }

  boolean(name: FlagName): boolean {
    const given = this.#given(name);
    const value = given?.values.at(-1);
    if (given === undefined || value === undefined || value === '' || value === 'false') return false;
    if (value !== 'true') this.faults.push(`${given.origin}: ${quote(value)} is neither true nor false`);
    return true;
  }

  list(name: FlagName): readonly string[] {
    const values = this.#given(name)?.values ?? [];
    const parts = values.flatMap((value) => value.split(',').map((part) => part.trim()));
    const filled = parts.filter((part) => part !== '');
    const fallback = defaultOf(name);
    return filled.length === 0 && fallback !== undefined ? [fallback] : filled;
  }

  choice<Choice extends string>(name: FlagName, choices: readonly Choice[]): Choice | undefined {
    const text = this.text(name);
    const choice = choices.find((each) => each === text);
    if (choice === undefined && text !== undefined) {
      const meant = nearest(text, choices);
      const hint = meant === undefined ? '' : `: did you mean ${meant}?`;
      this.faults.push(`${this.#origin(name)}: ${quote(text)} is none of ${choices.join(', ')}${hint}`);
    }
    return choice;
  }

  shard(name: FlagName): Shard | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const shard = parseShard(text);
    if (shard === undefined) {
      const form = `I/N with 0 <= I < N and N at most ${MAXIMUM_SHARDS}, such as 0/3`;
      this.faults.push(`${this.#origin(name)}: ${quote(text)} is not ${form}`);
    }
    return shard;
  }

  /** A path of a URL that no client and no proxy writes in another way. */
  path(name: FlagName): string {
    const path = this.text(name) ?? '/';
    const wrong = faultOfPath(path);
    if (wrong !== undefined) this.faults.push(`${this.#origin(name)}: ${quote(path)} ${wrong}`);
    return path;
  }

  refuse(one: FlagName, other: FlagName, why: string): void {
    this.faults.push(`${this.#origin(one)} and ${this.#origin(other)} exclude each other: ${why}`);
  }

  #origin(name: FlagName): string {
    return this.#given(name)?.origin ?? `--${name}`;
  }

  /** A flag wins over its variable, also an empty one: that one means the default. */
  #given(name: FlagName): Given | undefined {
    const onCommandLine = this.#commandLine.get(name);
    const variable = variableOf(name);
    const values = onCommandLine ?? [this.#environment[variable] ?? ''];
    if (values.every((value) => value === '')) return undefined;
    return { origin: onCommandLine === undefined ? variable : `--${name}`, values };
  }
}

function defaultOf(name: FlagName): string | undefined {
  return FLAGS.find((flag) => flag.name === name)?.default;
}

function faultOfPath(path: string): string | undefined {
  if (!path.startsWith('/')) return 'must begin with "/", such as /metrics';
  if (path === '/-' || path.startsWith('/-/')) return 'is taken: paths under /-/ are for health and reload';
  if (!/^[\w.~/-]*$/.test(path)) return 'may hold letters, digits and . _ ~ - / only';
  if (/\/(?:\/|\.{1,2}(?:\/|$))/.test(path)) return 'must have no empty, "." or ".." part';
  return undefined;
}
