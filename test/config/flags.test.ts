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
  it('has the documented defaults', () => {
    expectRun([], {}, {});
  });

  const values: Readonly<Partial<Record<FlagName, string>>> = {
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
  };
  it.each<[title: string, given: Readonly<Partial<Record<FlagName, string>>>, expected: Partial<Flags>]>([
    [
      'all flags but two',
      values,
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
  ])('reads %s from arguments and from environment variables', (_title, given, expected) => {
    const entries = Object.entries(given) as [FlagName, string][];
    expectRun(
      entries.map(([name, value]) => `--${name}=${value}`),
      {},
      expected,
    );
    expectRun([], Object.fromEntries(entries.map(([name, value]) => [variableOf(name), value])), expected);
  });

  it('reads a value that is an argument of its own', () => {
    expectRun(
      ['--config.file', 'a.yml', '--log.level', 'warn'],
      {},
      { configFile: 'a.yml', logLevel: 'warn' },
    );
  });

  it('prefers a flag to its variable, which may be invalid', () => {
    expectRun(['--log.level=warn'], { DINGTALK_EXPORTER_LOG_LEVEL: 'loud' }, { logLevel: 'warn' });
    expectRun(['--demo=false'], { DINGTALK_EXPORTER_DEMO: 'true' }, { demo: false });
    expectRun(
      ['--web.listen-address=:1'],
      { DINGTALK_EXPORTER_WEB_LISTEN_ADDRESS: ':2,:3' },
      { listenAddresses: [':1'] },
    );
  });

  it('ignores an empty flag or variable', () => {
    expectRun([], Object.fromEntries(NAMES.map((name) => [variableOf(name), ''])), {});
    expectRun(['--config.file=', '--web.listen-address=', '--once='], {}, {});
    expectRun(['--config.file='], { DINGTALK_EXPORTER_CONFIG_FILE: 'a.yml' }, {});
  });

  it('ignores other variables with the prefix', () => {
    expectRun(
      [],
      { DINGTALK_EXPORTER_PORT: 'tcp://10.0.0.1:10210', DINGTALK_EXPORTER_SERVICE_HOST: '10.0.0.1' },
      {},
    );
  });

  it('uses the last one of repeated flags with one value', () => {
    expectRun(['--log.level=warn', '--log.level=error'], {}, { logLevel: 'error' });
    expectRun(['--demo', '--demo=false'], {}, { demo: false });
    expectRun(['--config.file=a', '--config.file='], {}, {});
  });

  it('reads a list from repeated flags and commas, without the default', () => {
    expectRun(
      ['--web.listen-address=:1, :2,', '--web.listen-address', ':3', '--web.listen-address='],
      {},
      { listenAddresses: [':1', ':2', ':3'] },
    );
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

  it.each(['/', '/a/b-c~d_e.f', '/metrics/'])('accepts the telemetry path %s', (telemetryPath) => {
    expectRun([`--web.telemetry-path=${telemetryPath}`], {}, { telemetryPath });
  });

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
    [['--web.telemetry-path=/a?b'], ['--web.telemetry-path']],
    [['--web.telemetry-path=/a b'], ['--web.telemetry-path']],
    [['--web.telemetry-path=/指标'], ['--web.telemetry-path']],
    [['--web.telemetry-path=/a/../b'], ['--web.telemetry-path']],
    [['--web.telemetry-path=//a'], ['--web.telemetry-path']],
    [['--web.telemetry-path=/-'], ['--web.telemetry-path']],
    [['--once', '--config.check'], ['--config.check and --once cannot be given together']],
    [['--demo', '--config.check'], ['--config.check and --demo cannot be given together']],
    [['--demo', '--config.file=x'], ['--config.file and --demo cannot be given together']],
  ])('%j', (argv, places) => {
    expectFaults(argv, {}, ...places);
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
