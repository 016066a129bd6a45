import { Command, CommanderError, Option } from 'commander';
import { BUILD } from '../build-info.ts';
import { type Environment, FlagReader } from './flag-reader.ts';
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
import type { Shard } from './shard.ts';

/** What flags and environment ask for, with every default filled in. */
export interface Flags {
  readonly configFile: string | undefined;
  readonly configCheck: boolean;
  readonly once: boolean;
  readonly demo: boolean;
  /** Undefined where this process polls every organization. */
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
    reader.refuse('demo', 'config.file', 'the demo brings its own organizations');
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
    .description('Prometheus exporter for the number of people in a DingTalk organization.')
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
others: see docs/configuration.md) describe the one organization that is polled.`;

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
    if (unknown === '--version' || unknown === '--help') return `${unknown}: takes no value`;
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
