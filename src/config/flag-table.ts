/** One flag, told once: the parser, the help text, the environment and the documentation are made from it. */
export interface FlagDefinition {
  /** Without the leading dashes. */
  readonly name: string;
  /** A list is repeatable and splits at commas; of everything else the last one given wins. */
  readonly kind: 'text' | 'boolean' | 'list' | 'choice';
  /** What stands for the value in the help text. */
  readonly placeholder: string | undefined;
  /** The value where neither flag nor variable is given, as one would write it. */
  readonly default: string | undefined;
  readonly meaning: string;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ['logfmt', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Every flag but `--version` and `--help`, in the order of the help text. */
export const FLAGS = [
  {
    name: 'config.file',
    kind: 'text',
    placeholder: 'PATH',
    default: undefined,
    meaning: 'the configuration file (YAML)',
  },
  {
    name: 'config.check',
    kind: 'boolean',
    placeholder: undefined,
    default: undefined,
    meaning: 'validate the configuration, print every fault, and end: 0 if there is none, else 2',
  },
  {
    name: 'once',
    kind: 'boolean',
    placeholder: undefined,
    default: undefined,
    meaning:
      'poll each organization once, print the metrics on stdout, and end: 0 if every poll succeeded, else 1',
  },
  {
    name: 'demo',
    kind: 'boolean',
    placeholder: undefined,
    default: undefined,
    meaning: 'show simulated organizations that change every few seconds; needs no credentials',
  },
  {
    name: 'shard',
    kind: 'text',
    placeholder: 'I/N',
    default: undefined,
    meaning: 'poll only the organizations of part I of N parts, 0 <= I < N',
  },
  {
    name: 'web.listen-address',
    kind: 'list',
    placeholder: 'ADDR',
    default: ':10210',
    meaning: 'where to listen: host:port, [v6]:port or :port; port 0 picks a free one; repeatable',
  },
  {
    name: 'web.telemetry-path',
    kind: 'text',
    placeholder: 'PATH',
    default: '/metrics',
    meaning: 'the path of the metrics',
  },
  {
    name: 'web.config.file',
    kind: 'text',
    placeholder: 'PATH',
    default: undefined,
    meaning: "TLS and basic auth, in the format of Prometheus' exporter toolkit",
  },
  {
    name: 'web.enable-lifecycle',
    kind: 'boolean',
    placeholder: undefined,
    default: undefined,
    meaning: 'allow POST /-/reload',
  },
  {
    name: 'web.disable-exporter-metrics',
    kind: 'boolean',
    placeholder: undefined,
    default: undefined,
    meaning: 'leave the process_* and nodejs_* metrics out',
  },
  {
    name: 'log.level',
    kind: 'choice',
    placeholder: LOG_LEVELS.join('|'),
    default: 'info',
    meaning: 'the least weighty log lines that are written (to stderr)',
  },
  {
    name: 'log.format',
    kind: 'choice',
    placeholder: LOG_FORMATS.join('|'),
    default: 'logfmt',
    meaning: 'the format of log lines',
  },
] as const satisfies readonly FlagDefinition[];

export type FlagName = (typeof FLAGS)[number]['name'];

/** The environment variable that stands for a flag. */
export function variableOf(name: FlagName): string {
  return `DINGTALK_EXPORTER_${name.toUpperCase().replaceAll(/[.-]/g, '_')}`;
}

/** The flag with its placeholder, as the help text and the documentation show it. */
export function usageOf(flag: FlagDefinition): string {
  return flag.placeholder === undefined ? `--${flag.name}` : `--${flag.name}=${flag.placeholder}`;
}
