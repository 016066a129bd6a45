import { Command } from 'commander';
import { BUILD } from '../build-info.ts';
import type { Environment } from './environment.ts';
import { quote } from './fault.ts';
import { nearest } from './nearest.ts';
import { MAXIMUM_SHARDS, parseShard, type Shard } from './shard.ts';

/** The flags, with every default filled in. */
export interface Flags {
  readonly configFile: string | undefined;
  readonly configCheck: boolean;
  readonly once: boolean;
  readonly demo: boolean;
  /** Undefined where this process polls every organization. */
  readonly shard: Shard | undefined;
  /** At least one; `host:port`, `[v6]:port` or `:port`, not checked here. */
  readonly listenAddresses: readonly string[];
  /** A path that needs no escaping, not under `/-/`. With `/` the page is not served. */
  readonly telemetryPath: string;
  readonly webConfigFile: string | undefined;
  readonly enableLifecycle: boolean;
  readonly disableExporterMetrics: boolean;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const LOG_FORMATS = ['logfmt', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

interface FlagDefinition {
  /** The value in the help text. A flag without it is boolean, and given alone means `true`. */
  readonly placeholder?: string;
  readonly default?: string;
  readonly choices?: readonly string[];
  /** A list is repeatable and is split at commas; for other flags the last value is used. */
  readonly isList?: boolean;
  readonly faultOf?: (value: string) => string | undefined;
  readonly meaning: string;
}

const BOOLEAN = { default: 'false', choices: ['true', 'false'] };

/** Every flag but `--version` and `--help`, in the order of the help text. */
export const FLAGS = {
  'config.file': { placeholder: 'PATH', meaning: 'the configuration file (YAML)' },
  'config.check': {
    ...BOOLEAN,
    meaning: 'validate the configuration, print every fault and exit: 0 if there is none, else 2',
  },
  once: {
    ...BOOLEAN,
    meaning:
      'poll each organization once, print the metrics on stdout and exit: 0 if every poll succeeded, else 1',
  },
  demo: {
    ...BOOLEAN,
    meaning: 'show simulated organizations that change every few seconds; needs no credentials',
  },
  shard: {
    placeholder: 'I/N',
    faultOf: faultOfShard,
    meaning: 'poll only the organizations of shard I of N, 0 <= I < N',
  },
  'web.listen-address': {
    placeholder: 'ADDR',
    default: ':10210',
    isList: true,
    meaning: 'where to listen: host:port, [v6]:port or :port; port 0 picks a free one; repeatable',
  },
  'web.telemetry-path': {
    placeholder: 'PATH',
    default: '/metrics',
    faultOf: faultOfPath,
    meaning: 'the path of the metrics',
  },
  'web.config.file': {
    placeholder: 'PATH',
    meaning: "TLS and basic auth, in the format of Prometheus' exporter toolkit",
  },
  'web.enable-lifecycle': { ...BOOLEAN, meaning: 'allow POST /-/reload' },
  'web.disable-exporter-metrics': { ...BOOLEAN, meaning: 'leave out the process_* and nodejs_* metrics' },
  'log.level': {
    placeholder: 'LEVEL',
    default: 'info',
    choices: LOG_LEVELS,
    meaning: 'the lowest level that is logged (to stderr): debug, info, warn or error',
  },
  'log.format': {
    placeholder: 'FORMAT',
    default: 'logfmt',
    choices: LOG_FORMATS,
    meaning: 'the format of log lines: logfmt or json',
  },
} as const satisfies Readonly<Record<string, FlagDefinition>>;

export type FlagName = keyof typeof FLAGS;

const FLAG_LIST = Object.entries(FLAGS) as readonly (readonly [FlagName, FlagDefinition])[];

/** Flags that cannot be given together. */
const CONFLICTS: readonly (readonly [FlagName, FlagName])[] = [
  ['demo', 'config.file'],
  ['demo', 'config.check'],
  ['once', 'config.check'],
];

/** The environment variable of a flag. */
export function variableOf(name: FlagName): string {
  return `DINGTALK_EXPORTER_${name.toUpperCase().replaceAll(/[.-]/g, '_')}`;
}

/** The flag with its placeholder, as the help text and the documentation show it. */
export function usageOf(name: FlagName): string {
  const { placeholder }: FlagDefinition = FLAGS[name];
  return placeholder === undefined ? `--${name}` : `--${name}=${placeholder}`;
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
  const given = new Map<string, string[]>();
  const faults: string[] = [];
  const command = commandWith((name, value) => {
    if (value === undefined) faults.push(`--${name}: needs a value`);
    else given.set(name, [...(given.get(name) ?? []), value]);
  });
  const { operands, unknown } = command.parseOptions([...argv]);
  if (unknown.includes('--help') || unknown.includes('-h')) {
    return { kind: 'print', text: `${command.helpInformation()}${HELP_AFTER}` };
  }
  if (given.has('version')) {
    const text = `${PROGRAM}, version ${BUILD.version} (revision: ${BUILD.revision})\n`;
    return { kind: 'print', text };
  }
  faults.push(...operands.map(faultOfArgument));
  // What follows an unknown flag may be its value, and that a secret.
  faults.push(...unknown.filter((argument) => argument.startsWith('-')).map(faultOfUnknownFlag));
  const settings = settingsOf(given, environment);
  faults.push(...faultsOf(settings));
  if (faults.length > 0) return { kind: 'fault', message: faults.join('\n') };
  const values = (name: FlagName): readonly string[] =>
    settings.find((each) => each.name === name)?.values ?? [];
  const text = (name: FlagName): string | undefined => values(name)[0];
  const isOn = (name: FlagName): boolean => text(name) === 'true';
  return {
    kind: 'run',
    flags: {
      configFile: text('config.file'),
      configCheck: isOn('config.check'),
      once: isOn('once'),
      demo: isOn('demo'),
      shard: parseShard(text('shard') ?? ''),
      listenAddresses: values('web.listen-address'),
      telemetryPath: text('web.telemetry-path') ?? '/metrics',
      webConfigFile: text('web.config.file'),
      enableLifecycle: isOn('web.enable-lifecycle'),
      disableExporterMetrics: isOn('web.disable-exporter-metrics'),
      logLevel: LOG_LEVELS.find((level) => level === text('log.level')) ?? 'info',
      logFormat: LOG_FORMATS.find((format) => format === text('log.format')) ?? 'logfmt',
    },
  };
}

/** A flag with its values, none of them empty, and where they were found. */
interface Setting {
  readonly name: FlagName;
  readonly flag: FlagDefinition;
  readonly origin: string;
  readonly values: readonly string[];
}

function settingsOf(given: ReadonlyMap<string, readonly string[]>, environment: Environment): Setting[] {
  return FLAG_LIST.map(([name, flag]) => {
    const onCommandLine = given.get(name);
    const all = onCommandLine ?? [environment[variableOf(name)] ?? ''];
    const parts = flag.isList
      ? all.flatMap((list) => list.split(',').map((part) => part.trim()))
      : all.slice(-1);
    const filled = parts.filter((value) => value !== '');
    const values = filled.length === 0 && flag.default !== undefined ? [flag.default] : filled;
    return { name, flag, origin: onCommandLine === undefined ? variableOf(name) : `--${name}`, values };
  });
}

function faultsOf(settings: readonly Setting[]): string[] {
  const faults = settings.flatMap(({ flag, origin, values }) =>
    values.flatMap((value) => {
      const fault = faultOfValue(flag, value);
      return fault === undefined ? [] : [`${origin}: ${quote(value)} ${fault}`];
    }),
  );
  const isOn = ({ values }: Setting): boolean => (values[0] ?? 'false') !== 'false';
  const conflicts = CONFLICTS.map((pair) => settings.filter((each) => pair.includes(each.name) && isOn(each)))
    .filter(({ length }) => length === 2)
    .map((pair) => `${pair.map(({ origin }) => origin).join(' and ')} cannot be given together`);
  return [...faults, ...conflicts];
}

/** Commander finds the flags and writes the help text; values are read and checked above. */
function commandWith(onFlag: (name: string, value: string | undefined) => void): Command {
  const command = new Command(PROGRAM)
    .usage('[flags]')
    .description('Prometheus exporter for the number of people in a DingTalk organization.')
    .helpOption('-h, --help', 'print this text and exit')
    .option('--version', 'print the version and exit')
    .on('option:version', () => onFlag('version', ''))
    .configureHelp({
      helpWidth: 110,
      optionTerm: (option) => {
        const name = FLAG_LIST.map(([each]) => each).find((each) => each === option.name());
        return name === undefined ? option.flags : usageOf(name);
      },
    });
  for (const [name, flag] of FLAG_LIST) {
    const fallback = flag.placeholder === undefined ? 'true' : undefined;
    const isDefaultShown = flag.default !== undefined && flag.default !== 'false';
    command
      .option(`--${name} [value]`, flag.meaning + (isDefaultShown ? ` (default: ${flag.default})` : ''))
      .on(`option:${name}`, (value: string | null) => onFlag(name, value ?? fallback));
  }
  return command;
}

const HELP_AFTER = `
Each flag but --version and --help is also an environment variable, such as ${variableOf('config.file')};
a flag wins.

Without a configuration file, DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET (or DINGTALK_ACCESS_TOKEN, and
others: see docs/configuration.md) describe the one organization that is polled.
`;

function faultOfArgument(argument: string): string {
  return `unexpected argument ${quote(argument)}: every setting is a flag, see --help`;
}

function faultOfUnknownFlag(argument: string): string {
  // What follows "=" may be a secret.
  const flag = argument.replace(/=.*/s, '');
  if (flag === '--version' || flag === '--help') return `${flag}: takes no value`;
  const meant = nearest(flag.replace(/^-+/, ''), [...Object.keys(FLAGS), 'version', 'help']);
  return `unknown flag ${quote(flag)}: ${meant === undefined ? 'see --help' : `did you mean --${meant}?`}`;
}

function faultOfValue({ choices, faultOf }: FlagDefinition, value: string): string | undefined {
  if (choices === undefined || choices.includes(value)) return faultOf?.(value);
  const meant = nearest(value, choices);
  return `is not one of ${choices.join(', ')}${meant === undefined ? '' : `: did you mean ${meant}?`}`;
}

function faultOfShard(value: string): string | undefined {
  if (parseShard(value) !== undefined) return undefined;
  return `is not I/N with 0 <= I < N and N at most ${MAXIMUM_SHARDS}, such as 0/3`;
}

/** Accepts only paths that clients and proxies write in one way. */
function faultOfPath(path: string): string | undefined {
  if (/^\/-(?:\/|$)/.test(path)) return 'is reserved: paths under /-/ are for health and reload';
  if (/^\/(?:[\w~-][\w.~-]*(?:\/|$))*$/.test(path)) return undefined;
  return 'is not a path such as /metrics, of letters, digits and . _ ~ - only';
}
