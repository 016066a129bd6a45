import type { ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import { createGzip, gzipSync } from 'node:zlib';
import { sendAnswer } from './answers.ts';
import { honest } from './replies.ts';
import type { Behavior, Reply } from './script.ts';

/** The parts in which a body that is made up as it goes is written (bytes). */
const PART = 65_536;

/** Never answers; the connection stays open until one side ends it. */
export const silence: Behavior = () => undefined;

/** Cuts the connection off: before the first byte, within the headers, or after them but before the body. */
export function cutOff(when: 'before_headers' | 'during_headers' | 'after_headers'): Behavior {
  return ({ response }) => {
    switch (when) {
      case 'before_headers':
        reset(response);
        return undefined;
      case 'during_headers':
        response.socket?.write('HTTP/1.1 200 OK\r\nContent-Ty', () => response.destroy());
        return undefined;
      case 'after_headers':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 64 });
        response.write('{', () => response.destroy());
        return undefined;
    }
  };
}

/** Announces the whole body and ends the connection before its last `missing` bytes. */
export function truncated(missing = 5, reply: Reply = honest): Behavior {
  return (exchange) => {
    const { response } = exchange;
    const { status, headers, body } = reply(exchange);
    response.writeHead(status, { ...headers, 'content-length': body.byteLength });
    response.write(body.subarray(0, body.byteLength - missing), () => response.destroy());
    return undefined;
  };
}

/** Sends status and headers at once and then `bytes` of the body every `pause` ms of the handed-in clock. */
export function drip(pause: number, bytes = 1, reply: Reply = honest): Behavior {
  return (exchange) => {
    const { response, clock } = exchange;
    const { status, headers, body } = reply(exchange);
    response.writeHead(status, { 'content-length': body.byteLength, ...headers });
    response.flushHeaders();
    let sent = 0;
    const next = (): void => {
      response.write(body.subarray(sent, sent + bytes));
      sent += bytes;
      if (sent >= body.byteLength) response.end();
      else timer = clock.setTimer(next, pause);
    };
    let timer = clock.setTimer(next, pause);
    response.on('close', () => timer.cancel());
    return undefined;
  };
}

/** Answers after `delay` ms of the handed-in clock, with what is true then. */
export function late(delay: number, reply: Reply = honest): Behavior {
  return (exchange) => {
    const timer = exchange.clock.setTimer(() => sendAnswer(exchange.response, reply(exchange)), delay);
    exchange.response.on('close', () => timer.cancel());
    return undefined;
  };
}

/**
 * A right answer, followed by blanks until it has `bytes`; infinity goes on for as long as somebody reads.
 * `announced` tells the length beforehand.
 */
export function oversize(bytes: number, announced = false): Behavior {
  return (exchange) => {
    const { response } = exchange;
    const { status, headers, body } = exchange.honest();
    response.writeHead(status, announced ? { ...headers, 'content-length': bytes } : headers);
    response.write(body);
    pour(response, bytes - body.byteLength);
    return undefined;
  };
}

/** A right answer in gzip, asked for or not. */
export function gzipped(reply: Reply = honest): Behavior {
  return (exchange) => {
    const plain = reply(exchange);
    return {
      ...plain,
      headers: { ...plain.headers, 'content-encoding': 'gzip' },
      body: gzipSync(plain.body),
    };
  };
}

/** A right answer in gzip that unpacks to `bytes`, nearly all of them blanks: small on the wire. */
export function gzipBomb(bytes: number): Behavior {
  return (exchange) => {
    const { response } = exchange;
    const { status, headers, body } = exchange.honest();
    response.writeHead(status, { ...headers, 'content-encoding': 'gzip' });
    const packed = createGzip();
    packed.pipe(response);
    packed.write(body);
    pour(packed, bytes - body.byteLength);
    return undefined;
  };
}

/** Sends an informational answer first: 100 Continue, 102 Processing or 103 Early Hints. */
export function informational(status: 100 | 102 | 103, reply: Reply = honest): Behavior {
  return (exchange) => {
    const { response } = exchange;
    if (status === 100) response.writeContinue();
    else if (status === 102) response.writeProcessing();
    else response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
    return reply(exchange);
  };
}

/** Does something first, a token revoked or a secret changed in the midst of a poll, and then replies. */
export function after(deed: () => void, reply: Reply = honest): Reply {
  return (exchange) => {
    deed();
    return reply(exchange);
  };
}

function reset(response: ServerResponse): void {
  const { socket } = response;
  // Node can only reset a bare TCP connection; a TLS one is just closed.
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}

interface Sink {
  readonly destroyed: boolean;
  write(part: Uint8Array): boolean;
  end(): unknown;
  once(event: 'drain', listener: () => void): unknown;
}

function pour(sink: Sink, bytes: number): void {
  const blanks = Buffer.alloc(PART, ' ');
  let left = bytes;
  const go = (): void => {
    while (left > 0) {
      if (sink.destroyed) return;
      const part = blanks.subarray(0, Math.min(PART, left));
      left -= part.byteLength;
      if (!sink.write(part)) {
        sink.once('drain', go);
        return;
      }
    }
    sink.end();
  };
  go();
}
