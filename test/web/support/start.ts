import { onTestFinished } from 'vitest';
import type { Logger } from '../../../src/log.ts';
import { createHandler, type HandlerOptions, type WebSources } from '../../../src/web/app.ts';
import { startWeb, type WebOptions } from '../../../src/web/server.ts';
import { type LogLine, LogRecord } from '../../support/harness.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** Keeps the lines of the log by their level. */
export class RecordingLogger extends LogRecord {
  of(level: keyof Logger): LogLine[] {
    return this.lines.filter((line) => line.level === level);
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

/** The request handler without a server. */
export function handle(changes: Partial<WebSources> = {}, options: Partial<HandlerOptions> = {}) {
  const logger = new RecordingLogger();
  const handler = createHandler({
    sources: sources(changes),
    telemetryPath: '/metrics',
    enableLifecycle: false,
    webConfiguration: undefined,
    isClosing: () => false,
    clock: new ManualClock(),
    logger,
    ...options,
  });
  return { handler, logger };
}

export type Started = Awaited<ReturnType<typeof start>>;

/** The server on a free port of the loopback, closed when the test ends. */
export async function start(changes: Partial<WebSources> = {}, options: Partial<WebOptions> = {}) {
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
