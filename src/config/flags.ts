import { Command, CommanderError, Option } from 'commander';
import { BUILD } from '../build-info.ts';
import {
  FLAGS,
  type FlagDefinition,
  type FlagName,
  LOG_FORMATS,
  LOG_LEVELS,
  type LogFormat,
  type LogLevel,
  usageOf,
  variableOf,
} from './flag-table.ts';
import { nearest } from './nearest.ts';
import { quote } from './quote.ts';
import { MAXIMUM_SHARDS, parseShard, type Shard } from './shard.ts';

/** Environment variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What flags and environment ask for, with every default filled in. */
export interface Flags {
  readonly configFile: string | undefined;
  readonly configCheck: boolean;
  readonly once: boolean;
  readonly demo: boolean;
  /** Undefined where this process polls every organisation. */
  readonly shard: Shard | undefined;
  /** At least one; `host:port`, `[v6]:port` or `:port`, not checked here. */
  readonly listenAddresses: readonly string[];
  /** A plain path that needs no escaping, outside of `/-/`. It may be `/`, which leaves no room for the page. */
  readonly telemetryPath: string;
  readonly webConfigFile: string | undefined;
  readonly enableLifecycle: boolean;
  readonly disableExporterMetrics: boolean;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

export type FlagsResult =
  | { readonly kind: 'run'; readonly flags: Flags }
  /** For stdout; the exit code is 0. */
  | { readonly kind: 'print'; readonly text: string }
  /** A line for each fault, for stderr; the exit code is 2. */
  | { readonly kind: 'fault'; readonly message: string };

const PROGRAM = 'dingtalk-headcount-exporter';

/** Reads the flags, and for each flag that is not given its environment variable. */
export function parseFlags(argv: readonly string[], environment: Environment): FlagsResult {
  const commandLine = readCommandLine(argv);
  if (commandLine.kind !== 'given') return commandLine;
  const reader = new FlagReader(commandLine.values, environment);
  const flags: Flags = {
    configFile: reader.text('config.file'),
    configCheck: reader.boolean('config.check'),
    once: reader.boolean('once'),
    demo: reader.boolean('demo'),
    shard: reader.shard('shard'),
    listenAddresses: reader.list('web.listen-address'),
    telemetryPath: reader.path('web.telemetry-path'),
    webConfigFile: reader.text('web.config.file'),
    enableLifecycle: reader.boolean('web.enable-lifecycle'),
    disableExporterMetrics: reader.boolean('web.disable-exporter-metrics'),
    logLevel: reader.choice('log.level', LOG_LEVELS) ?? 'info',
    logFormat: reader.choice('log.format', LOG_FORMATS) ?? 'logfmt',
  };
  if (flags.demo && flags.configFile !== undefined) {
    reader.refuse('demo', 'config.file', 'the demo brings its own organisations');
  }
  if (flags.demo && flags.configCheck) {
    reader.refuse('demo', 'config.check', 'the demo has no configuration to check');
  }
  if (flags.once && flags.configCheck) {
    reader.refuse('once', 'config.check', 'one polls, the other must not');
  }
  if (reader.faults.length > 0) return { kind: 'fault', message: reader.faults.join('\n') };
  return { kind: 'run', flags };
}

type CommandLine =
  | Exclude<FlagsResult, { kind: 'run' }>
  | { readonly kind: 'given'; readonly values: ReadonlyMap<FlagName, readonly string[]> };

/** What stands on the command line: the raw values of each flag, in the order in which they were given. */
function readCommandLine(argv: readonly string[]): CommandLine {
  const values = new Map<FlagName, string[]>();
  const swallowed: string[] = [];
  let printed = '';
  const command = new Command(PROGRAM)
    .usage('[flags]')
    .description('Prometheus exporter for the number of people in a DingTalk organisation.')
    .version(
      `${PROGRAM}, version ${BUILD.version} (revision: ${BUILD.revision})`,
      '--version',
      'print the version, and end',
    )
    .helpOption('--help', 'print this text, and end')
    .addHelpText('after', HELP_AFTER)
    .allowExcessArguments()
    .exitOverride()
    .configureHelp({ optionTerm, optionDescription: ({ description }) => description, helpWidth: 110 })
    .configureOutput({
      writeOut: (text) => {
        printed += text;
      },
      writeErr: () => {},
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  for (const flag of FLAGS) {
    const form =
      flag.kind === 'boolean' ? `--${flag.name} [true|false]` : `--${flag.name} <${flag.placeholder}>`;
    const option = new Option(form, meaningOf(flag)).argParser((value) => {
      values.set(flag.name, [...(values.get(flag.name) ?? []), value]);
      // What follows a flag is its value, also where a person forgot it and the next flag stands there.
      if (value.startsWith('--'))
        swallowed.push(`--${flag.name}: needs a value, but ${quote(value)} follows`);
    });
    command.addOption(flag.kind === 'boolean' ? option.preset('true') : option);
  }
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'print', text: printed };
    return { kind: 'fault', message: explain(error) };
  }
  const [excess] = command.args;
  if (excess !== undefined) return { kind: 'fault', message: explainExcess(excess) };
  if (swallowed.length > 0) return { kind: 'fault', message: swallowed.join('\n') };
  return { kind: 'given', values };
}

const HELP_AFTER = `
Each flag but --version and --help is also an environment variable, such as ${variableOf('config.file')};
a flag wins.

Without a configuration file, DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET (or DINGTALK_ACCESS_TOKEN, and
others: see docs/configuration.md) describe the one organisation that is polled.`;

/** What the help text shows of an option: without the value that booleans may have, but need not. */
function optionTerm(option: Option): string {
  const flag = FLAGS.find(({ name }) => option.long === `--${name}`);
  return flag === undefined ? (option.long ?? '') : usageOf(flag);
}

function meaningOf(flag: FlagDefinition): string {
  return flag.default === undefined ? flag.meaning : `${flag.meaning} (default: ${flag.default})`;
}

function explain(error: CommanderError): string {
  // Commander quotes the whole argument; what stands after "=" may be a secret.
  const unknown = /unknown option '([^'=]*)/.exec(error.message)?.[1];
  if (unknown !== undefined) {
    const names = [...FLAGS.map(({ name }) => name), 'version', 'help'];
    const meant = nearest(unknown.replace(/^-+/, ''), names);
    return `unknown flag ${quote(unknown)}: ${meant === undefined ? 'see --help' : `did you mean --${meant}?`}`;
  }
  const lonely = FLAGS.find(({ name }) => error.message.includes(`'--${name} `));
  if (lonely !== undefined) return `--${lonely.name}: needs a value: ${usageOf(lonely)}`;
  return error.message.replace(/^error: /, '');
}

function explainExcess(argument: string): string {
  const hint = /\.ya?ml$/.test(argument)
    ? `did you mean --config.file=${argument}?`
    : 'every setting is a flag, see --help';
  return `unexpected argument ${quote(argument)}: ${hint}`;
}

/** Where values were found, as a fault names it, and what stands there; the last one is not empty. */
interface Given {
  readonly origin: string;
  readonly values: readonly string[];
}

/** Turns raw values into settings, one method for each kind; what is wrong is gathered in `faults`. */
class FlagReader {
  readonly faults: string[] = [];
  readonly #commandLine: ReadonlyMap<FlagName, readonly string[]>;
  readonly #environment: Environment;

  constructor(commandLine: ReadonlyMap<FlagName, readonly string[]>, environment: Environment) {
    this.#commandLine = commandLine;
    this.#environment = environment;
  }

  text(name: FlagName): string | undefined {
    const given = this.#given(name);
    return given === undefined ? defaultOf(name) : given.values.at(-1);
  }

  boolean(name: FlagName): boolean {
    const given = this.#given(name);
    const value = given?.values.at(-1);
    if (given === undefined || value === undefined || value === 'false') return false;
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
    if (values.at(-1) === '') return undefined;
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
