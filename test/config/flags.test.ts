import { describe, expect, it } from 'vitest';
import { FLAGS, type FlagName, type Flags, parseFlags, variableOf } from '../../src/config/flags.ts';

const NAMES = Object.keys(FLAGS) as FlagName[];

const DEFAULTS: Flags = {
  configFile: undefined,
  configCheck: false,
  once: false,
  demo: false,
  shard: undefined,
  listenAddresses: [':10210'],
  telemetryPath: '/metrics',
  webConfigFile: undefined,
  enableLifecycle: false,
  disableExporterMetrics: false,
  logLevel: 'info',
  logFormat: 'logfmt',
};

function expectRun(argv: string[], environment: Record<string, string>, flags: Partial<Flags>): void {
  expect(parseFlags(argv, environment)).toEqual({ kind: 'run', flags: { ...DEFAULTS, ...flags } });
}

/** Compares what each fault begins with: its flag or variable. */
function expectFaults(argv: string[], environment: Record<string, string>, ...places: string[]): void {
  const result = parseFlags(argv, environment);
  const lines = result.kind === 'fault' ? result.message.split('\n') : [];
  expect(lines.map((line) => line.replace(/: .*/u, ''))).toEqual(places);
}

describe('parseFlags', () => {
  it.each<[argv: string[], environment: Record<string, string>, flags: Partial<Flags>]>([
    [[], {}, {}],
    [['--config.file', 'a.yml', '--log.level', 'warn'], {}, { configFile: 'a.yml', logLevel: 'warn' }],
    [['--config.file=', '--web.listen-address=', '--once='], {}, {}],
    [['--web.telemetry-path=/'], {}, { telemetryPath: '/' }],
    [['--web.telemetry-path=/a/b-c~d_e.f/'], {}, { telemetryPath: '/a/b-c~d_e.f/' }],
    // A flag wins over its variable, also if that is invalid.
    [['--log.level=warn'], { DINGTALK_EXPORTER_LOG_LEVEL: 'loud' }, { logLevel: 'warn' }],
    [['--demo=false'], { DINGTALK_EXPORTER_DEMO: 'true' }, { demo: false }],
    [['--config.file='], { DINGTALK_EXPORTER_CONFIG_FILE: 'a.yml' }, {}],
    [
      ['--web.listen-address=:1'],
      { DINGTALK_EXPORTER_WEB_LISTEN_ADDRESS: ':2,:3' },
      { listenAddresses: [':1'] },
    ],
    // The last one of repeated flags wins, except for lists.
    [['--log.level=warn', '--log.level=error'], {}, { logLevel: 'error' }],
    [['--demo', '--demo=false'], {}, { demo: false }],
    [['--config.file=a', '--config.file='], {}, {}],
    [
      ['--web.listen-address=:1, :2,', '--web.listen-address', ':3', '--web.listen-address='],
      {},
      { listenAddresses: [':1', ':2', ':3'] },
    ],
    // Variables of Kubernetes have the same prefix.
    [[], { DINGTALK_EXPORTER_PORT: 'tcp://10.0.0.1:10210' }, {}],
  ])('reads %j and %j', (argv, environment, flags) => {
    expectRun(argv, environment, flags);
  });

  it.each<[title: string, values: Partial<Record<FlagName, string>>, flags: Partial<Flags>]>([
    [
      'all other flags',
      {
        'config.file': 'exporter.yml',
        once: 'true',
        shard: '1/3',
        'web.listen-address': '127.0.0.1:1,[::1]:2',
        'web.telemetry-path': '/dingtalk/metrics',
        'web.config.file': 'web.yml',
        'web.enable-lifecycle': 'true',
        'web.disable-exporter-metrics': 'true',
        'log.level': 'debug',
        'log.format': 'json',
      },
      {
        configFile: 'exporter.yml',
        once: true,
        shard: { index: 1, count: 3 },
        listenAddresses: ['127.0.0.1:1', '[::1]:2'],
        telemetryPath: '/dingtalk/metrics',
        webConfigFile: 'web.yml',
        enableLifecycle: true,
        disableExporterMetrics: true,
        logLevel: 'debug',
        logFormat: 'json',
      },
    ],
    ['--demo', { demo: 'true' }, { demo: true }],
    ['--config.check', { 'config.check': 'true' }, { configCheck: true }],
    ['empty values', Object.fromEntries(NAMES.map((name) => [name, ''])), {}],
  ])('reads %s as arguments and as environment variables', (_title, values, flags) => {
    const entries = Object.entries(values) as [FlagName, string][];
    const argv = entries.map(([name, value]) => `--${name}=${value}`);
    const environment = Object.fromEntries(entries.map(([name, value]) => [variableOf(name), value]));
    expectRun(argv, {}, flags);
    expectRun([], environment, flags);
  });

  it.each(['once', 'demo', 'config.check', 'web.enable-lifecycle', 'web.disable-exporter-metrics'] as const)(
    'accepts only true and false for --%s',
    (name) => {
      expectRun([`--${name}=false`], {}, {});
      expectRun([], { [variableOf(name)]: 'false' }, {});
      expect(parseFlags([`--${name}=true`], {})).toEqual(parseFlags([`--${name}`], {}));
      expectFaults([`--${name}=yes`], {}, `--${name}`);
      expectFaults([], { [variableOf(name)]: '1' }, variableOf(name));
    },
  );

  it('prints a help text with the meaning and default of every flag', () => {
    const result = parseFlags(['--once', '--help'], {});
    expect(parseFlags(['-h'], {})).toEqual(result);
    if (result.kind !== 'print') throw new Error(`not a help text: ${result.kind}`);
    const text = result.text.replaceAll(/\s+/g, ' ');
    for (const { meaning, ...flag } of Object.values(FLAGS)) {
      expect(text).toContain(meaning);
      if ('default' in flag && flag.default !== 'false') {
        expect(text).toContain(`${meaning} (default: ${flag.default})`);
      }
    }
    for (const name of NAMES) expect(text).toContain(`--${name}`);
    expect(text).toContain('-h, --help');
    expect(text).toContain('DINGTALK_EXPORTER_CONFIG_FILE');
    expect(text).not.toContain('[value]');
    expect(Math.max(...result.text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
  });
});

describe('invalid flags', () => {
  it.each<[string[], string[]]>([
    [['--onc'], ['unknown flag "--onc"']],
    [['-x'], ['unknown flag "-x"']],
    [['--', 'start'], ['unexpected argument "start"']],
    [['--config.file', '--once'], ['--config.file']],
    [['--once', 'yes'], ['--once']],
    [['--once', '--config.check'], ['--config.check and --once cannot be given together']],
    [['--demo', '--config.check'], ['--config.check and --demo cannot be given together']],
    [['--demo', '--config.file=x'], ['--config.file and --demo cannot be given together']],
  ])('%j', (argv, places) => {
    expectFaults(argv, {}, ...places);
  });

  it.each(['/a?b', '/a b', '/指标', '/a/../b', '//a', '/-'])('include the telemetry path %s', (path) => {
    expectFaults([`--web.telemetry-path=${path}`], {}, '--web.telemetry-path');
  });

  it('are reported all at once', () => {
    expectFaults(
      ['start', '--config.file', '--demo', '--shard=1', '--log.format=text', '--verbose'],
      { DINGTALK_EXPORTER_WEB_TELEMETRY_PATH: 'metrics' },
      '--config.file',
      'unexpected argument "start"',
      'unknown flag "--verbose"',
      '--shard',
      'DINGTALK_EXPORTER_WEB_TELEMETRY_PATH',
      '--log.format',
    );
  });

  it('are reported without what may be a secret', () => {
    for (const argv of [['--client_secret=hush'], ['--client_secret', 'hush'], ['--demo', '-s', 'hush']]) {
      const result = parseFlags(argv, {});
      expect(result.kind === 'fault' && result.message).toMatch(/^unknown flag "--?[a-z_]+": /u);
      expect(JSON.stringify(result)).not.toContain('hush');
    }
  });
});
