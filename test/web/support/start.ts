import type { RequestListener } from 'node:http';
import { onTestFinished } from 'vitest';
import type { LogFields, Logger } from '../../../src/log.ts';
import { createHandler, type HandlerOptions, type WebSources } from '../../../src/web/app.ts';
import { startWeb, type Web, type WebOptions } from '../../../src/web/server.ts';
import { ManualClock } from '../../support/manual-clock.ts';

interface LogLine {
  readonly level: keyof Logger;
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

export const PAGE = '<!doctype html><title>headcount</title><p>acme</p>';

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

export interface Handling {
  readonly handler: RequestListener;
  readonly logger: RecordingLogger;
  readonly clock: ManualClock;
}

/** The handler of the server, without the server. */
export function handle(changes: Partial<WebSources> = {}, options: Partial<HandlerOptions> = {}): Handling {
  const logger = new RecordingLogger();
  const clock = new ManualClock();
  const handler = createHandler({
    sources: sources(changes),
    telemetryPath: '/metrics',
    enableLifecycle: false,
    webConfiguration: undefined,
    isClosing: () => false,
    clock,
    logger,
    ...options,
  });
  return { handler, logger, clock };
}

export interface Started {
  readonly web: Web;
  readonly port: number;
  readonly origin: string;
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
      ...options,
    },
    sources(changes),
    logger,
    clock,
  );
  onTestFinished(() => web.close(0));
  const port = web.addresses[0]?.port ?? 0;
  const scheme = logger.of('info')[0]?.fields['tls'] === true ? 'https' : 'http';
  return { web, port, origin: `${scheme}://127.0.0.1:${port}`, logger, clock };
}
