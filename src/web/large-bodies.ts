import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { LIMITS } from './limits.ts';

/** TLS encrypts, and so copies, all that is written at once: parts of this size bound the copy. */
const TLS_PART = 262_144;

/**
 * Sends large bodies, and bounds what clients that do not read them may cost: a body is one buffer however
 * many read it, but bodies of different moments are different buffers. The readers of the oldest one are cut
 * off once all together are larger than `maxHeldBytes`, and each reader after `largeBodyTimeout`.
 */
export class LargeBodies {
  readonly #clock: Clock;
  /** The answers that are still being read, oldest body first. */
  readonly #readers = new Map<Buffer, Set<ServerResponse>>();
  #heldBytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The size of all bodies that are still being read (bytes); one that several read counts once. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Ends a response, whose headers have been written, with a body. */
  send(response: ServerResponse, body: Buffer): void {
    const { socket } = response.req;
    const deadline = this.#clock.setTimer(() => socket.destroy(), LIMITS.largeBodyTimeout);
    this.#hold(body, response);
    response.once('close', () => {
      deadline.cancel();
      this.#release(body, response);
    });
    if ('encrypted' in socket && response.req.method !== 'HEAD') sendInParts(response, body);
    else response.end(body);
  }

  #hold(body: Buffer, response: ServerResponse): void {
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

  #release(body: Buffer, response: ServerResponse): void {
    const readers = this.#readers.get(body);
    if (readers === undefined) return;
    readers.delete(response);
    if (readers.size === 0) this.#forget(body);
  }

  #forget(body: Buffer): void {
    if (this.#readers.delete(body)) this.#heldBytes -= body.length;
  }
}

function sendInParts(response: ServerResponse, body: Buffer, from = 0): void {
  for (let start = from; !response.destroyed; start += TLS_PART) {
    const part = body.subarray(start, start + TLS_PART);
    if (start + TLS_PART >= body.length) {
      response.end(part);
      return;
    }
    if (!response.write(part)) {
      response.once('drain', () => sendInParts(response, body, start + TLS_PART));
      return;
    }
  }
}
