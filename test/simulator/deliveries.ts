import { pipeline, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { honest } from './replies.ts';
import type { Behavior, Reply } from './script.ts';

/** Never answers. */
export const silence: Behavior = (exchange) => {
  exchange.stall();
  return undefined;
};

/** Answers after `delay` ms of the clock, with what is true then. */
export function late(delay: number, reply: Reply = honest): Behavior {
  return (exchange) => {
    exchange.stall();
    const timer = exchange.clock.setTimer(() => exchange.send(reply(exchange)), delay);
    exchange.onClose(() => timer.cancel());
    return undefined;
  };
}

/** Does something first, such as revoking a token in the middle of a poll, and then gives the right answer. */
export function after(deed: () => void): Reply {
  return (exchange) => {
    deed();
    return exchange.honest();
  };
}

/** The right answer in gzip, asked for or not. */
export const gzipped: Reply = (exchange) => {
  const { status, headers, body } = exchange.honest();
  return { status, headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipSync(body) };
};

/** Sends an HTTP 103 first. */
export const earlyHints: Reply = (exchange) => {
  exchange.response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
  return exchange.honest();
};

/** Ends the connection before the first byte, within the headers, or after them but before the body. */
export function cutOff(when: 'before_headers' | 'during_headers' | 'after_headers'): Behavior {
  return ({ response }) => {
    const { socket } = response;
    switch (when) {
      case 'before_headers':
        socket?.resetAndDestroy();
        return undefined;
      case 'during_headers':
        socket?.write('HTTP/1.1 200 OK\r\nContent-Ty', () => response.destroy());
        return undefined;
      case 'after_headers':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 64 });
        response.write('{', () => response.destroy());
        return undefined;
    }
  };
}

/** Announces the whole body and ends the connection before its last five bytes. */
export const truncated: Behavior = (exchange) => {
  const { response } = exchange;
  const { status, headers, body } = exchange.honest();
  response.writeHead(status, { ...headers, 'content-length': body.byteLength });
  response.write(body.subarray(0, -5), () => response.destroy());
  return undefined;
};

/** Sends status and headers at once, and then a byte of the body every `pause` ms of the clock. */
export function drip(pause: number): Behavior {
  return (exchange) => {
    const { response, clock } = exchange;
    const { status, headers, body } = exchange.honest();
    exchange.stall();
    response.writeHead(status, { 'content-length': body.byteLength, ...headers });
    response.flushHeaders();
    let sent = 0;
    const next = (): void => {
      response.write(body.subarray(sent, sent + 1));
      sent += 1;
      if (sent === body.byteLength) response.end();
      else timer = clock.setTimer(next, pause);
    };
    let timer = clock.setTimer(next, pause);
    exchange.onClose(() => timer.cancel());
    return undefined;
  };
}

/**
 * A right answer, followed by blanks until it has `bytes`; infinity goes on for as long as the caller reads.
 * `announced` gives the length in the headers.
 */
export function oversize(bytes: number, announced = false): Behavior {
  return (exchange) => {
    const { response } = exchange;
    const { status, headers, body } = exchange.honest();
    const blanks = Buffer.alloc(65_536, ' ');
    function* parts(): Generator<Uint8Array> {
      yield body;
      for (let left = bytes - body.byteLength; left > 0; left -= blanks.byteLength)
        yield blanks.subarray(0, Math.min(blanks.byteLength, left));
    }
    response.writeHead(status, announced ? { ...headers, 'content-length': bytes } : headers);
    // An error is that of a caller who stops reading.
    pipeline(Readable.from(parts()), response, () => undefined);
    return undefined;
  };
}
