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

/** Each fault begins with the flag or variable that it is about. */
function expectFaults(argv: string[], environment: Record<string, string>, ...places: string[]): void {
  const result = parseFlags(argv, environment);
  const lines = result.kind === 'fault' ? result.message.split('\n') : [];
  expect(lines.map((line) => line.replace(/: .*/u, ''))).toEqual(places);
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
    expect(NAMES.map(variableOf).sort()).toEqual(used.sort());
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
    expectRun([], Object.fromEntries(NAMES.map((name) => [variableOf(name), ''])), {});
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
    'takes true and false for --%s, and nothing else',
    (name) => {
      expectRun([`--${name}=false`], {}, {});
      expectRun([], { [variableOf(name)]: 'false' }, {});
      expect(parseFlags([`--${name}=true`], {})).toEqual(parseFlags([`--${name}`], {}));
      expectFaults([`--${name}=yes`], {}, `--${name}`);
      expectFaults([], { [variableOf(name)]: '1' }, variableOf(name));
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

describe('bad flags', () => {
  it.each<[string[], string[]]>([
    [['--onc'], ['unknown flag "--onc"']],
    [['--version=1'], ['--version']],
    [['-x'], ['unknown flag "-x"']],
    [['exporter.yml'], ['unexpected argument "exporter.yml"']],
    [['--', 'start'], ['unexpected argument "start"']],
    [['--config.file'], ['--config.file']],
    [['--config.file', '--once'], ['--config.file']],
    [['--once', 'yes'], ['--once']],
    [
      ['--log.level=wran', '--log.format=xml'],
      ['--log.level', '--log.format'],
    ],
    [['--shard=3/3'], ['--shard']],
    [['--web.telemetry-path=metrics'], ['--web.telemetry-path']],
    [['--web.telemetry-path=/a?b'], ['--web.telemetry-path']],
    [['--web.telemetry-path=/a b'], ['--web.telemetry-path']],
    [['--web.telemetry-path=/指标'], ['--web.telemetry-path']],
    [['--web.telemetry-path=/a/../b'], ['--web.telemetry-path']],
    [['--web.telemetry-path=//a'], ['--web.telemetry-path']],
    [['--web.telemetry-path=/-/healthy'], ['--web.telemetry-path']],
    [['--web.telemetry-path=/-'], ['--web.telemetry-path']],
    [['--once', '--config.check'], ['--config.check and --once cannot be given together']],
    [['--demo', '--config.check'], ['--config.check and --demo cannot be given together']],
    [['--demo', '--config.file=x'], ['--config.file and --demo cannot be given together']],
  ])('%j', (argv, places) => {
    expectFaults(argv, {}, ...places);
  });

  it('are named by their variable where the value is there', () => {
    const environment = { DINGTALK_EXPORTER_SHARD: 'x', DINGTALK_EXPORTER_LOG_LEVEL: 'loud' };
    expectFaults([], environment, 'DINGTALK_EXPORTER_SHARD', 'DINGTALK_EXPORTER_LOG_LEVEL');
  });

  it('are told all at once', () => {
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

  it('do not show what may be a secret', () => {
    for (const argv of [['--client_secret=hush'], ['--client_secret', 'hush'], ['--demo', '-s', 'hush']]) {
      const result = parseFlags(argv, {});
      expect(result.kind === 'fault' && result.message).toMatch(/^unknown flag "--?[a-z_]+": /u);
      expect(JSON.stringify(result)).not.toContain('hush');
    }
  });

  it.each(['/', '/a/b-c~d_e.f', '/metrics/'])('do not include the path %s', (telemetryPath) => {
    expectRun([`--web.telemetry-path=${telemetryPath}`], {}, { telemetryPath });
  });
});
