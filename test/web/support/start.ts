import { onTestFinished } from 'vitest';
import type { LogFields, Logger } from '../../../src/log.ts';
import type { WebSources } from '../../../src/web/handler.ts';
import { startWeb, type Web, type WebOptions } from '../../../src/web/server.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger that keeps its lines for the test to read. */
export class RecordingLogger implements Logger {
  readonly lines: LogLine[] = [];
  debug = (message: string, fields: LogFields = {}): void => this.#keep('debug', message, fields);
  info = (message: string, fields: LogFields = {}): void => this.#keep('info', message, fields);
  warn = (message: string, fields: LogFields = {}): void => this.#keep('warn', message, fields);
  error = (message: string, fields: LogFields = {}): void => this.#keep('error', message, fields);

  of(level: LogLine['level']): LogLine[] {
    return this.lines.filter((line) => line.level === level);
  }

  #keep(level: LogLine['level'], message: string, fields: LogFields): void {
    this.lines.push({ level, message, fields });
  }
}

export const EXPOSITION = Buffer.from(
  '# HELP dingtalk_employees Everyone.\n# TYPE dingtalk_employees gauge\ndingtalk_employees{organization="acme"} 1200\n',
);

export const PAGE_STYLE = 'body { color: #123 }';
export const PAGE = `<!doctype html><title>headcount</title><style>${PAGE_STYLE}</style><p>acme</p>`;

/** What is served; a test changes it as it goes. */
export function sources(changes: Partial<WebSources> = {}): WebSources {
  return {
    exposition: () => EXPOSITION,
    healthy: () => true,
    ready: () => true,
    reload: async () => undefined,
    renderPage: () => PAGE,
    ...changes,
  };
}

export interface Started {
  readonly web: Web;
  readonly port: number;
  readonly logger: RecordingLogger;
  readonly clock: ManualClock;
}

/** The server on a free port of the loopback, closed when the test ends. */
export async function start(
  changes: Partial<WebSources> = {},
  options: Partial<WebOptions> = {},
): Promise<Started> {
  const logger = new RecordingLogger();
  const clock = new ManualClock();
  const web = await startWeb(
    {
      listenAddresses: ['127.0.0.1:0'],
      telemetryPath: '/metrics',
      enableLifecycle: false,
      webConfigFile: undefined,
      pageStyle: PAGE_STYLE,
      ...options,
    },
    sources(changes),
    logger,
    clock,
  );
  onTestFinished(() => web.close(0).then(() => undefined));
  return { web, port: portOf(web), logger, clock };
}

export function portOf(web: Web): number {
  const [address] = web.addresses;
  if (address === undefined) throw new Error('nothing is listened on');
  return address.port;
}
