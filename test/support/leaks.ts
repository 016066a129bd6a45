import { Writable } from 'node:stream';
import type { Clock } from '../../src/clock.ts';
import type { Exporter } from '../../src/exporter.ts';
import { createLog } from '../../src/log.ts';
import { renderPage } from '../../src/web/page/page.ts';
import type { LogRecord } from './harness.ts';

/** The parts of an exporter that write output. */
interface Outlets {
  readonly log: LogRecord;
  readonly clock: Clock;
  readonly exporter: Exporter;
}

/** The characters of base64 that stand for a text alone, however many bytes stand before it. */
function base64Within(text: string, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
  const whole = bytes.toString('base64url');
  return whole.slice([0, 2, 3][before], bytes.length % 3 === 0 ? undefined : -1);
}

const lowerCaseEscapes = (text: string): string =>
  text.replaceAll(/%[0-9A-F]{2}/gu, (byte) => byte.toLowerCase());

/** A secret in its common encodings. */
export function waysToWrite(secret: string): ReadonlySet<string> {
  const json = JSON.stringify(secret).slice(1, -1);
  const percent = encodeURIComponent(secret);
  const form = new URLSearchParams({ s: secret }).toString().slice(2);
  const base64 = [0, 1, 2].map((before) => base64Within(secret, before));
  return new Set([
    secret,
    percent,
    form,
    lowerCaseEscapes(percent),
    lowerCaseEscapes(form),
    json,
    // By encoders that write only ASCII.
    json.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    Buffer.from(secret).toString('base64'),
    ...base64,
    ...base64.map((text) => text.replaceAll('-', '+').replaceAll('_', '/')),
  ]);
}

const asHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

/** The texts that are in the output, escaped or not. */
export function readable(texts: Iterable<string>, output: string): string[] {
  return Array.from(texts).filter((text) => {
    const once = JSON.stringify(text).slice(1, -1);
    const twice = JSON.stringify(once).slice(1, -1);
    return [text, asHtml(text), once, twice].some((written) => output.includes(written));
  });
}

/** All output: the exposition, the page, the state of the organizations, and each log line in both formats. */
export async function everythingThatLeft({ log: record, clock, exporter }: Outlets): Promise<string> {
  const parts: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      parts.push(String(chunk));
      done();
    },
  });
  for (const format of ['logfmt', 'json'] as const) {
    const log = createLog({ level: 'debug', format, stream, wallTime: () => clock.wallTime() });
    for (const { level, message, fields } of record.lines) log[level](message, fields);
    await log.end();
  }
  const organizations = exporter.organizations();
  parts.push(
    (await exporter.exposition()).toString('utf8'),
    renderPage(
      {
        name: 'dingtalk-headcount-exporter',
        version: '1.2.3',
        revision: 'abcdef',
        telemetryPath: '/metrics',
        demo: false,
        organizations,
        startedAt: 0,
        wallTime: clock.wallTime(),
        monotonicTime: clock.monotonicTime(),
      },
      { acceptLanguage: undefined, language: undefined, filter: undefined },
    ),
    JSON.stringify(organizations),
  );
  return parts.join('\n');
}
