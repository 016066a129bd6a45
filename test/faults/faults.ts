import { gzipSync } from 'node:zlib';
import type { Reason } from '../../src/dingtalk/reason.ts';
import {
  cutOff,
  drip,
  earlyHints,
  gzipped,
  late,
  oversize,
  silence,
  truncated,
} from '../simulator/deliveries.ts';
import { answer, honest, redirect } from '../simulator/replies.ts';
import type { Behavior, Reply } from '../simulator/script.ts';

/** An answer on the wire. */
export interface Manner {
  readonly title: string;
  readonly behavior: Behavior;
}

/** One for which a poll fails. */
export interface Fault extends Manner {
  readonly reason: Reason;
}

const MIB = 1 << 20;

/** A second gzip member, small on the wire: blanks behind an answer. */
const BOMB = gzipSync(Buffer.alloc(64 * MIB, ' '));

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

/** Bytes on the wire, whether they are HTTP or not. */
function raw(bytes: string): Behavior {
  return ({ response }) => {
    response.socket?.end(bytes);
    return undefined;
  };
}

/** The right answer with another body. */
function changed(change: (body: Buffer) => Uint8Array): Reply {
  return (exchange) => {
    const { body, ...rest } = honest(exchange);
    return { ...rest, body: change(Buffer.from(body)) };
  };
}

/** A redirect to a place where a request would arrive if it were followed. */
const redirected = (status: 301 | 302 | 303 | 307 | 308, scheme: string): Behavior => {
  return (exchange) => {
    // Another origin than the one of the call.
    const host = exchange.received.headers.host?.replace('127.0.0.1', 'localhost');
    return redirect(`${scheme}//${host}/elsewhere`, status)(exchange);
  };
};

type Row = readonly [title: string, behavior: Behavior];

const NETWORK: readonly Row[] = [
  ['reset before the headers', cutOff('before_headers')],
  ['reset within the headers', cutOff('during_headers')],
  ['reset after the headers', cutOff('after_headers')],
  ['connection closed without an answer', raw('')],
  ['body that ends too early', truncated],
  ['HTTP 101', raw('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')],
];

const TIMEOUT: readonly Row[] = [
  ['no answer', silence],
  ['first byte too late', late(12_000)],
  ['body byte by byte, too slow', drip(1_000)],
  ['headers alone', drip(3_600_000)],
  [
    'HTTP 103 alone',
    (exchange) => {
      exchange.stall();
      exchange.response.writeEarlyHints({ link: '</x>; rel=preload' });
      return undefined;
    },
  ],
];

const INVALID_RESPONSE: readonly Row[] = [
  ['3 MiB', oversize(3 * MIB)],
  ['3 MiB, announced', oversize(3 * MIB, true)],
  ['endless body', oversize(Number.POSITIVE_INFINITY)],
  ['gzip that was not asked for', gzipped],
  [
    'gzip bomb',
    (exchange) => {
      const { body, ...rest } = gzipped(exchange);
      return { ...rest, body: Buffer.concat([body, BOMB]) };
    },
  ],
  ['JSON in UTF-16', changed((body) => Buffer.from(body.toString(), 'utf16le'))],
  ['half of the JSON', changed((body) => body.subarray(0, -3))],
  ['deeply nested JSON', answer({ body: nested(200_000) })],
  ['not HTTP', raw('220 mail.example ESMTP\r\n')],
  ['1 MiB of headers', raw(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(MIB)}\r\n\r\n{}`)],
  ...([301, 302, 303, 307, 308] as const).map(
    (status): Row => [`HTTP ${status}, a redirect`, redirected(status, 'http:')],
  ),
  ['redirect without a scheme', redirected(307, '')],
  ['relative redirect', redirect('/elsewhere', 307)],
  ['redirect to an invalid URL', redirect('http://[', 307)],
];

const withReason = (reason: Reason, rows: readonly Row[]): Fault[] =>
  rows.map(([title, behavior]) => ({ title, behavior, reason }));

export const FAULTS: readonly Fault[] = [
  ...withReason('network', NETWORK),
  ...withReason('timeout', TIMEOUT),
  ...withReason('invalid_response', INVALID_RESPONSE),
];

/** Unusual, but valid. */
export const UNUSUAL: readonly Manner[] = [
  { title: 'first byte late, but in time', behavior: late(9_000) },
  { title: 'body byte by byte, but in time', behavior: drip(90) },
  { title: 'HTTP 103 first', behavior: earlyHints },
  {
    title: 'byte order mark',
    behavior: changed((body) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body])),
  },
  {
    title: 'deeply nested JSON beside the value',
    behavior: changed((body) => Buffer.from(body.toString().replace('{', `{"deep":${nested(100_000)},`))),
  },
];
