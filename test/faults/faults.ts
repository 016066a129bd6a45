import { gzipSync } from 'node:zlib';
import type { Reason } from '../../src/dingtalk/reason.ts';
import {
  cutOff,
  drip,
  gzipped,
  informational,
  late,
  oversize,
  silence,
  truncated,
} from '../simulator/deliveries.ts';
import * as replies from '../simulator/replies.ts';
import type { Behavior } from '../simulator/script.ts';
import type { Scene, Stage } from './scene.ts';
import type { Fault } from './story.ts';

/** What is said or done at the socket, with the call of each stage. */
export interface Manner {
  readonly title: string;
  readonly behavior: (stage: Stage) => Behavior;
}

const MIB = 1 << 20;

/** A body as it should be, with any JSON in the place of the token or the count. */
function bodyWith(stage: Stage, json: string): string {
  return stage === 'token'
    ? `{"accessToken":${json},"expireIn":7200}`
    : `{"errcode":0,"errmsg":"ok","result":{"count":${json}},"request_id":"r"}`;
}

/** What belongs into that place, and would be believed if it stood there as it should. */
function believable(stage: Stage): string {
  return stage === 'token' ? '"believable-token"' : '7';
}

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

/** Small on the wire: 64 MiB of blanks behind an answer that would be believed. */
const BOMBS: Readonly<Record<Stage, Uint8Array>> = {
  token: bomb('token'),
  all: bomb('all'),
  active: bomb('active'),
};

function bomb(stage: Stage): Uint8Array {
  return gzipSync(
    Buffer.concat([Buffer.from(bodyWith(stage, believable(stage))), Buffer.alloc(64 * MIB, ' ')]),
  );
}

/** Bytes on the wire that are no answer of an HTTP server. */
function raw(bytes: string): Behavior {
  return ({ response }) => {
    response.socket?.end(bytes);
    return undefined;
  };
}

const body = (of: (stage: Stage) => string | Uint8Array, headers = {}) => {
  return (stage: Stage): Behavior => replies.answer({ headers, body: of(stage) });
};

const always = (behavior: Behavior) => (): Behavior => behavior;

type Row = readonly [title: string, behavior: (stage: Stage) => Behavior];

const CUT: readonly Row[] = [
  ['reset before the headers', always(cutOff('before_headers'))],
  ['reset within the headers', always(cutOff('during_headers'))],
  ['reset after the headers', always(cutOff('after_headers'))],
  ['a connection that is closed without a word', always(raw(''))],
  ['a body that ends too early', always(truncated())],
  [
    'a switch of protocols',
    always(raw('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')),
  ],
];

const SLOW: readonly Row[] = [
  ['silence', always(silence)],
  ['a first byte that comes too late', always(late(12_000))],
  ['bytes that drip', always(drip(1_000))],
  ['headers and nothing more', always(drip(3_600_000))],
  [
    'an early hint and nothing more',
    always((exchange) => {
      exchange.stall();
      exchange.response.writeEarlyHints({ link: '</x>; rel=preload' });
      return undefined;
    }),
  ],
];

const UNUSABLE: readonly Row[] = [
  [
    'HTML with HTTP 200',
    body(() => '<!DOCTYPE html><title>Welcome</title>', { 'content-type': 'text/html' }),
  ],
  ['an empty body', body(() => '')],
  ['half a JSON object', body((stage) => bodyWith(stage, believable(stage)).slice(0, -3))],
  ['two JSON objects', body((stage) => bodyWith(stage, believable(stage)).repeat(2))],
  ['3 MiB', always(oversize(3 * MIB))],
  ['3 MiB, announced', always(oversize(3 * MIB, true))],
  ['a body without end', always(oversize(Number.POSITIVE_INFINITY))],
  ['gzip that was not asked for', always(gzipped())],
  ['a gzip bomb', body((stage) => BOMBS[stage], { 'content-encoding': 'gzip' })],
  ['JSON in UTF-16', body((stage) => Buffer.from(bodyWith(stage, believable(stage)), 'utf16le'))],
  ['deep JSON', body(() => nested(200_000))],
  ['deep JSON in the place of the value', body((stage) => bodyWith(stage, nested(200_000)))],
  ['__proto__', body((stage) => `{"errcode":0,"__proto__":${bodyWith(stage, believable(stage))}}`)],
  [
    '__proto__ in the place of the value',
    body((stage) => bodyWith(stage, `{"__proto__":${believable(stage)}}`)),
  ],
  ['HTTP 204', always(replies.noContent)],
  ['what is not HTTP', always(raw('220 mail.example ESMTP\r\n'))],
  ['1 MiB of headers', always(raw(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(MIB)}\r\n\r\n{}`))],
];

/** Odd, but right all the same: no fault. */
export const ODD_BUT_RIGHT: readonly Manner[] = (
  [
    ['a first byte that is late, but in time', always(late(9_000))],
    ['bytes that drip, but in time', always(drip(90, 1))],
    ['a 100 that nobody asked for', always(informational(100))],
    ['102 first', always(informational(102))],
    ['103 first', always(informational(103))],
    [
      'a charset that the bytes do not have',
      always((exchange) => {
        const answer = exchange.honest();
        return { ...answer, headers: { 'content-type': 'application/json;charset=GBK' } };
      }),
    ],
    [
      'a byte order mark',
      always((exchange) => {
        const answer = exchange.honest();
        return { ...answer, body: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), answer.body]) };
      }),
    ],
    [
      'something deep beside the value',
      always((exchange) => {
        const answer = exchange.honest();
        const text = Buffer.from(answer.body)
          .toString('utf8')
          .replace('{', `{"deep":${nested(100_000)},`);
        return { ...answer, body: Buffer.from(text) };
      }),
    ],
    [
      '__proto__ beside the value',
      always((exchange) => {
        const answer = exchange.honest();
        const text = Buffer.from(answer.body)
          .toString('utf8')
          .replace('{', '{"__proto__":{"count":1,"errcode":7},');
        return { ...answer, body: Buffer.from(text) };
      }),
    ],
  ] as const
).map(([title, behavior]) => ({ title, behavior }));

function atTheSocket(reason: Reason, rows: readonly Row[]): Fault[] {
  return rows.map(([title, behavior]) => ({
    title,
    reason,
    begin: (scene, stage) => scene.script(stage, behavior(stage)),
    end: (scene) => scene.world.simulator.script.clear(),
  }));
}

/** A right answer, after which the connection is closed: the next call must open one. */
const lastOfItsConnection: Behavior = (exchange) => {
  const answer = exchange.honest();
  return { ...answer, headers: { ...answer.headers, connection: 'close' } };
};

/** Does something before a stage's call, which then has to open a connection. */
export function beforeConnecting(scene: Scene, stage: Stage, deed: () => void): void {
  scene.front(stage).hangUp();
  if (stage !== 'active') {
    deed();
    return;
  }
  scene.script('all', (exchange) => {
    deed();
    return lastOfItsConnection(exchange);
  });
}

const REFUSED: Fault = {
  title: 'a refused connection',
  reason: 'network',
  begin: (scene, stage) => beforeConnecting(scene, stage, () => scene.front(stage).refuse()),
  end: async (scene, stage) => {
    scene.world.simulator.script.clear();
    await scene.front(stage).serve();
  },
};

export const FAULTS: readonly Fault[] = [
  REFUSED,
  ...atTheSocket('network', CUT),
  ...atTheSocket('timeout', SLOW),
  ...atTheSocket('invalid_response', UNUSABLE),
];
