import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip, gzipSync } from 'node:zlib';
import { acceptsGzip } from './accept-encoding.ts';
import { answerMethodNotAllowed } from './answer.ts';
import type { Body } from './body.ts';
import { coalesce } from './coalesce.ts';
import type { LargeBodies } from './large-bodies.ts';
import { LIMITS } from './limits.ts';

const compress = promisify(gzip);

interface Compressed {
  readonly body: Body;
  readonly gzip: Buffer;
}

/** Hands out the body that is there to all who ask, compressed once for all who want it so. */
export class SharedBody {
  readonly #body: () => Body | Promise<Body>;
  readonly #plainHeaders: readonly string[];
  readonly #gzipHeaders: readonly string[];
  readonly #largeBodies: LargeBodies;
  /** Scrapers send the same few headers again and again: the last one is not read twice. */
  #lastEncoding: string | undefined;
  #lastEncodingIsGzip = false;
  #compressed: Compressed | undefined;
  readonly #compressLarge = coalesce(async () => {
    const body = await this.#body();
    if (this.#compressed?.body === body) return this.#compressed.gzip;
    const compressed = await compress(body, { level: constants.Z_BEST_SPEED });
    return this.#remember(body, compressed);
  });

  /**
   * @param body what is to be sent; while nothing has changed it is the same each time
   * @param headers names and values, one after the other, of what the body is
   */
  constructor(body: () => Body | Promise<Body>, headers: readonly string[], largeBodies: LargeBodies) {
    this.#body = body;
    this.#plainHeaders = [...headers, 'Vary', 'Accept-Encoding'];
    this.#gzipHeaders = [...this.#plainHeaders, 'Content-Encoding', 'gzip'];
    this.#largeBodies = largeBodies;
  }

  /** Answers one request. Rejects or throws only where the body cannot be made or compressed. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void> | undefined {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answerMethodNotAllowed(response, 'GET, HEAD');
      return undefined;
    }
    const body = this.#body();
    // Put together anew within this turn of the event loop; then it is at hand.
    if (body instanceof Promise) return body.then(() => this.answer(request, response));
    if (!this.#wantsGzip(request.headers['accept-encoding'])) {
      this.#send(response, this.#plainHeaders, body);
      return undefined;
    }
    const compressed = this.#gzipOf(body);
    if (Buffer.isBuffer(compressed)) {
      this.#send(response, this.#gzipHeaders, compressed);
      return undefined;
    }
    return compressed.then((later) => this.#send(response, this.#gzipHeaders, later));
  }

  #wantsGzip(header: string | undefined): boolean {
    if (header !== this.#lastEncoding) {
      this.#lastEncoding = header;
      this.#lastEncodingIsGzip = acceptsGzip(header);
    }
    return this.#lastEncodingIsGzip;
  }

  #gzipOf(body: Body): Buffer | Promise<Buffer> {
    if (this.#compressed?.body === body) return this.#compressed.gzip;
    const isSmall = Buffer.isBuffer(body) && body.length < LIMITS.largeBody;
    return isSmall ? this.#remember(body, gzipSync(body)) : this.#compressLarge();
  }

  #remember(body: Body, compressed: Buffer): Buffer {
    this.#compressed = { body, gzip: compressed };
    return compressed;
  }

  #send(response: ServerResponse, headers: readonly string[], body: Body): void {
    if (response.destroyed) return;
    response.writeHead(200, [...headers, 'Content-Length', String(body.length)]);
    if (Buffer.isBuffer(body) && body.length < LIMITS.largeBody) response.end(body);
    else this.#largeBodies.send(response, body);
  }
}
