import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { type Body, partsOf } from './body.ts';
import { LIMITS } from './limits.ts';

/** TLS encrypts, and so copies, all that is written at once: parts of this size bound the copy. */
const TLS_PART = 262_144;

/**
 * Sends large bodies, and bounds what clients that do not read them may cost: a body is in memory once
 * however many read it, but bodies of different moments are different ones. The readers of the oldest one are cut
 * off once all together are larger than `maxHeldBytes`, and each reader after `largeBodyTimeout`.
 */
export class LargeBodies {
  readonly #clock: Clock;
  /** The answers that are still being read, oldest body first. */
  readonly #readers = new Map<Body, Set<ServerResponse>>();
  #heldBytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The size of all bodies that are still being read (bytes); one that several read counts once. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Ends a response, whose headers have been written, with a body. */
  send(response: ServerResponse, body: Body): void {
    const { socket } = response.req;
    if (response.req.method === 'HEAD') response.end();
    else if ('encrypted' in socket) sendInParts(response, smallPartsOf(body));
    else sendAtOnce(response, partsOf(body));
    // Mostly the system takes all of it at once, and there is nothing to be held.
    if (response.writableEnded && response.socket?.writableLength === 0) return;
    const deadline = this.#clock.setTimer(() => socket.destroy(), LIMITS.largeBodyTimeout);
    this.#hold(body, response);
    response.once('close', () => {
      deadline.cancel();
      this.#release(body, response);
    });
  }

  #hold(body: Body, response: ServerResponse): void {
    const readers = this.#readers.get(body);
    if (readers !== undefined) {
      readers.add(response);
      return;
    }
    this.#readers.set(body, new Set([response]));
    this.#heldBytes += body.length;
    for (const [held, slow] of this.#readers) {
      if (this.#heldBytes <= LIMITS.maxHeldBytes || held === body) break;
      for (const reader of slow) reader.req.socket.destroy();
      this.#forget(held);
    }
  }

  #release(body: Body, response: ServerResponse): void {
    const readers = this.#readers.get(body);
    if (readers === undefined) return;
    readers.delete(response);
    if (readers.size === 0) this.#forget(body);
  }

  #forget(body: Body): void {
    if (this.#readers.delete(body)) this.#heldBytes -= body.length;
  }
}

/** Nothing is copied: the socket gets all pieces in one call to the system. */
function sendAtOnce(response: ServerResponse, parts: readonly Buffer[]): void {
  for (const part of parts) response.write(part);
  response.end();
}

function* smallPartsOf(body: Body): Generator<Buffer> {
  for (const part of partsOf(body)) {
    for (let start = 0; start < part.length; start += TLS_PART) yield part.subarray(start, start + TLS_PART);
  }
}

function sendInParts(response: ServerResponse, parts: Iterator<Buffer>): void {
  let written = 0;
  while (!response.destroyed) {
    const { value, done } = parts.next();
    if (done === true) {
      response.end();
      return;
    }
    written += value.length;
    if (!response.write(value) && written >= TLS_PART) {
      response.once('drain', () => sendInParts(response, parts));
      return;
    }
  }
}
