import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip, gzipSync } from 'node:zlib';
import type { Clock } from '../clock.ts';
import { acceptsGzip } from './accept-encoding.ts';
import { answerMethodNotAllowed } from './answer.ts';
import type { Body } from './body.ts';
import { coalesce } from './coalesce.ts';
import { LargeBodies } from './large-bodies.ts';
import { LIMITS } from './limits.ts';

/** Prometheus 3 refuses a scrape whose Content-Type is anything else. */
export const EXPOSITION_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const compress = promisify(gzip);

const PLAIN_HEADERS = [
  'Content-Type',
  EXPOSITION_CONTENT_TYPE,
  'Vary',
  'Accept-Encoding',
  'X-Content-Type-Options',
  'nosniff',
] as const;
const GZIP_HEADERS = [...PLAIN_HEADERS, 'Content-Encoding', 'gzip'] as const;

interface Compressed {
  readonly exposition: Body;
  readonly gzip: Buffer;
}

/** The one hot path: hands out the exposition that is there, compressed once for all who want it so. */
export class Telemetry {
  readonly #exposition: () => Body | Promise<Body>;
  readonly #largeBodies: LargeBodies;
  /** Scrapers send the same few headers again and again: the last one is not read twice. */
  #lastEncoding: string | undefined;
  #lastEncodingIsGzip = false;
  #compressed: Compressed | undefined;
  readonly #compressLarge = coalesce(async () => {
    const exposition = await this.#exposition();
    if (this.#compressed?.exposition === exposition) return this.#compressed.gzip;
    const compressed = Buffer.isBuffer(exposition)
      ? await compress(exposition, { level: constants.Z_BEST_SPEED })
      : await exposition.gzip();
    return this.#remember(exposition, compressed);
  });

  /** @param exposition what is to be sent; while nothing has changed it is the same body each time */
  constructor(exposition: () => Body | Promise<Body>, clock: Clock) {
    this.#exposition = exposition;
    this.#largeBodies = new LargeBodies(clock);
  }

  /** Answers one scrape. Rejects or throws only where the exposition cannot be made or compressed. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void> | undefined {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answerMethodNotAllowed(response, 'GET, HEAD');
      return undefined;
    }
    const exposition = this.#exposition();
    // Put together anew within this turn of the event loop; then it is at hand.
    if (exposition instanceof Promise) return exposition.then(() => this.answer(request, response));
    if (!this.#wantsGzip(request.headers['accept-encoding'])) {
      this.#send(response, PLAIN_HEADERS, exposition);
      return undefined;
    }
    const compressed = this.#gzipOf(exposition);
    if (Buffer.isBuffer(compressed)) {
      this.#send(response, GZIP_HEADERS, compressed);
      return undefined;
    }
    return compressed.then((body) => this.#send(response, GZIP_HEADERS, body));
  }

  #wantsGzip(header: string | undefined): boolean {
    if (header !== this.#lastEncoding) {
      this.#lastEncoding = header;
      this.#lastEncodingIsGzip = acceptsGzip(header);
    }
    return this.#lastEncodingIsGzip;
  }

  #gzipOf(exposition: Body): Buffer | Promise<Buffer> {
    if (this.#compressed?.exposition === exposition) return this.#compressed.gzip;
    const isSmall = Buffer.isBuffer(exposition) && exposition.length < LIMITS.largeBody;
    return isSmall ? this.#remember(exposition, gzipSync(exposition)) : this.#compressLarge();
  }

  #remember(exposition: Body, compressed: Buffer): Buffer {
    this.#compressed = { exposition, gzip: compressed };
    return compressed;
  }

  #send(response: ServerResponse, headers: readonly string[], body: Body): void {
    if (response.destroyed) return;
    response.writeHead(200, [...headers, 'Content-Length', String(body.length)]);
    if (Buffer.isBuffer(body) && body.length < LIMITS.largeBody) response.end(body);
    else this.#largeBodies.send(response, body);
  }
}
