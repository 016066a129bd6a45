import { describe, expect, it } from 'vitest';
import { FLAGS, variableOf } from '../../src/config/flag-table.ts';
import { type Flags, parseFlags } from '../../src/config/flags.ts';

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

function expectFault(argv: string[], environment: Record<string, string>, ...lines: string[]): void {
  expect(parseFlags(argv, environment)).toEqual({ kind: 'fault', message: lines.join('\n') });
}

describe('parseFlags', () => {
  it('has the documented defaults', () => {
    expectRun([], {}, {});
  });

  const everything: Flags = {
    configFile: 'exporter.yml',
    configCheck: false,
    once: true,
    demo: false,
    shard: { index: 1, count: 3 },
    listenAddresses: ['127.0.0.1:1', '[::1]:2'],
    telemetryPath: '/dingtalk/metrics',
    webConfigFile: 'web.yml',
    enableLifecycle: true,
    disableExporterMetrics: true,
    logLevel: 'debug',
    logFormat: 'json',
  };

  it('reads every flag', () => {
    expectRun(
      [
        '--config.file=exporter.yml',
        '--once',
        '--shard=1/3',
        '--web.listen-address=127.0.0.1:1',
        '--web.listen-address=[::1]:2',
        '--web.telemetry-path=/dingtalk/metrics',
        '--web.config.file=web.yml',
        '--web.enable-lifecycle',
        '--web.disable-exporter-metrics',
        '--log.level=debug',
        '--log.format=json',
      ],
      {},
      everything,
    );
    expectRun(['--demo'], {}, { demo: true });
    expectRun(['--config.check'], {}, { configCheck: true });
  });

  it('reads every flag from its environment variable', () => {
    const environment = {
      DINGTALK_EXPORTER_CONFIG_FILE: 'exporter.yml',
      DINGTALK_EXPORTER_ONCE: 'true',
      DINGTALK_EXPORTER_SHARD: '1/3',
      DINGTALK_EXPORTER_WEB_LISTEN_ADDRESS: '127.0.0.1:1,[::1]:2',
      DINGTALK_EXPORTER_WEB_TELEMETRY_PATH: '/dingtalk/metrics',
      DINGTALK_EXPORTER_WEB_CONFIG_FILE: 'web.yml',
      DINGTALK_EXPORTER_WEB_ENABLE_LIFECYCLE: 'true',
      DINGTALK_EXPORTER_WEB_DISABLE_EXPORTER_METRICS: 'true',
      DINGTALK_EXPORTER_LOG_LEVEL: 'debug',
      DINGTALK_EXPORTER_LOG_FORMAT: 'json',
    };
    expectRun([], environment, everything);
    expectRun([], { DINGTALK_EXPORTER_DEMO: 'true' }, { demo: true });
    expectRun([], { DINGTALK_EXPORTER_CONFIG_CHECK: 'true' }, { configCheck: true });
    const used = [...Object.keys(environment), 'DINGTALK_EXPORTER_DEMO', 'DINGTALK_EXPORTER_CONFIG_CHECK'];
    expect(FLAGS.map(({ name }) => variableOf(name)).sort()).toEqual(used.sort());
  });

  it('takes the value after a blank as well', () => {
    expectRun(
      ['--config.file', 'a.yml', '--log.level', 'warn'],
      {},
      { configFile: 'a.yml', logLevel: 'warn' },
    );
  });

  it('lets a flag win over its variable', () => {
    expectRun(['--log.level=warn'], { DINGTALK_EXPORTER_LOG_LEVEL: 'debug' }, { logLevel: 'warn' });
    expectRun(['--demo=false'], { DINGTALK_EXPORTER_DEMO: 'true' }, { demo: false });
    expectRun(
      ['--web.listen-address=:1'],
      { DINGTALK_EXPORTER_WEB_LISTEN_ADDRESS: ':2,:3' },
      { listenAddresses: [':1'] },
    );
  });

  it('does not look at a variable that its flag outdoes', () => {
    expectRun(['--log.level=warn'], { DINGTALK_EXPORTER_LOG_LEVEL: 'loud' }, { logLevel: 'warn' });
  });

  it('takes an empty flag or variable for one that is not given', () => {
    expectRun([], Object.fromEntries(FLAGS.map(({ name }) => [variableOf(name), ''])), {});
    expectRun(['--config.file=', '--web.listen-address=', '--once='], {}, {});
    expectRun(['--config.file='], { DINGTALK_EXPORTER_CONFIG_FILE: 'a.yml' }, {});
  });

  it('leaves other variables with the prefix alone', () => {
    expectRun(
      [],
      { DINGTALK_EXPORTER_PORT: 'tcp://10.0.0.1:10210', DINGTALK_EXPORTER_SERVICE_HOST: '10.0.0.1' },
      {},
    );
  });

  it('lets the last one win where a flag with one value is repeated', () => {
    expectRun(['--log.level=warn', '--log.level=error'], {}, { logLevel: 'error' });
    expectRun(['--demo', '--demo=false'], {}, { demo: false });
    expectRun(['--config.file=a', '--config.file='], {}, {});
  });

  it('gathers a list from repeated flags and commas, without the default in front', () => {
    expectRun(
      ['--web.listen-address=:1, :2,', '--web.listen-address', ':3', '--web.listen-address='],
      {},
      { listenAddresses: [':1', ':2', ':3'] },
    );
  });

  it.each(['once', 'demo', 'config.check', 'web.enable-lifecycle', 'web.disable-exporter-metrics'] as const)(
    'takes true and false for --%s, and false for what it says',
    (name) => {
      expectRun([`--${name}=false`], {}, {});
      expectRun([], { [variableOf(name)]: 'false' }, {});
      expect(parseFlags([`--${name}=true`], {})).toEqual(parseFlags([`--${name}`], {}));
      expectFault([`--${name}=yes`], {}, `--${name}: "yes" is neither true nor false`);
      expectFault([], { [variableOf(name)]: '1' }, `${variableOf(name)}: "1" is neither true nor false`);
    },
  );

  it('prints the version', () => {
    expect(parseFlags(['--version'], {})).toEqual({
      kind: 'print',
      text: 'dingtalk-headcount-exporter, version 0.0.0-source (revision: unknown)\n',
    });
  });

  it('prints a help text that names every flag with its meaning and default, and the environment', () => {
    const result = parseFlags(['--once', '--help'], {});
    if (result.kind !== 'print') throw new Error(`not a help text: ${result.kind}`);
    const text = result.text.replaceAll(/\s+/g, ' ');
    for (const flag of FLAGS) {
      expect(text).toContain(`--${flag.name}`);
      expect(text).toContain(flag.meaning);
      if (flag.default !== undefined) expect(text).toContain(`${flag.meaning} (default: ${flag.default})`);
    }
    expect(text).toContain('DINGTALK_EXPORTER_CONFIG_FILE');
    expect(text).not.toContain('preset');
    expect(Math.max(...result.text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
  });
});

describe('bad flags', () => {
  it.each([
    [['--onc'], 'unknown flag "--onc": did you mean --once?'],
    [['--config-file=x'], 'unknown flag "--config-file": did you mean --config.file?'],
    [['--Log.Level=info'], 'unknown flag "--Log.Level": did you mean --log.level?'],
    [['--version=1'], '--version: takes no value'],
    [['--help=1'], '--help: takes no value'],
    [['--no-demo'], 'unknown flag "--no-demo": did you mean --demo?'],
    [['--client_secret=hush'], 'unknown flag "--client_secret": see --help'],
    [['-x'], 'unknown flag "-x": see --help'],
    [['exporter.yml'], 'unexpected argument "exporter.yml": did you mean --config.file=exporter.yml?'],
    [['--', 'start'], 'unexpected argument "start": every setting is a flag, see --help'],
    [['--config.file'], '--config.file: needs a value: --config.file=PATH'],
    [['--config.file', '--once'], '--config.file: needs a value, but "--once" follows'],
    [['--once', 'yes'], '--once: "yes" is neither true nor false'],
    [['--log.level=wran'], '--log.level: "wran" is none of debug, info, warn, error: did you mean warn?'],
    [['--log.format=xml'], '--log.format: "xml" is none of logfmt, json'],
    [['--shard=3/3'], '--shard: "3/3" is not I/N with 0 <= I < N and N at most 10000, such as 0/3'],
    [
      ['--web.telemetry-path=metrics'],
      '--web.telemetry-path: "metrics" must begin with "/", such as /metrics',
    ],
    [
      ['--web.telemetry-path=/a?b'],
      '--web.telemetry-path: "/a?b" may hold letters, digits and . _ ~ - / only',
    ],
    [
      ['--web.telemetry-path=/a b'],
      '--web.telemetry-path: "/a b" may hold letters, digits and . _ ~ - / only',
    ],
    [
      ['--web.telemetry-path=/指标'],
      '--web.telemetry-path: "/指标" may hold letters, digits and . _ ~ - / only',
    ],
    [
      ['--web.telemetry-path=/a/../b'],
      '--web.telemetry-path: "/a/../b" must have no empty, "." or ".." part',
    ],
    [['--web.telemetry-path=//a'], '--web.telemetry-path: "//a" must have no empty, "." or ".." part'],
    [
      ['--web.telemetry-path=/-/healthy'],
      '--web.telemetry-path: "/-/healthy" is taken: paths under /-/ are for health and reload',
    ],
    [
      ['--once', '--config.check'],
      '--once and --config.check exclude each other: one polls, the other must not',
    ],
    [
      ['--demo', '--config.check'],
      '--demo and --config.check exclude each other: the demo has no configuration to check',
    ],
  ])('%j', (argv, message) => {
    expectFault(argv, {}, message);
  });

  it('names the variable where the fault is there', () => {
    expectFault(
      [],
      { DINGTALK_EXPORTER_SHARD: 'x', DINGTALK_EXPORTER_LOG_LEVEL: 'loud' },
      'DINGTALK_EXPORTER_SHARD: "x" is not I/N with 0 <= I < N and N at most 10000, such as 0/3',
      'DINGTALK_EXPORTER_LOG_LEVEL: "loud" is none of debug, info, warn, error',
    );
  });

  it('tells all of them at once', () => {
    expectFault(
      ['--demo', '--shard=1', '--log.format=text'],
      { DINGTALK_EXPORTER_CONFIG_FILE: '/etc/exporter.yml' },
      '--shard: "1" is not I/N with 0 <= I < N and N at most 10000, such as 0/3',
      '--log.format: "text" is none of logfmt, json',
      '--demo and DINGTALK_EXPORTER_CONFIG_FILE exclude each other: the demo brings its own organizations',
    );
  });

  it('takes / for the metrics, as other exporters do', () => {
    expectRun(['--web.telemetry-path=/'], {}, { telemetryPath: '/' });
  });
});
