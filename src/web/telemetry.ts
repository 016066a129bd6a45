import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip, gzipSync } from 'node:zlib';
import type { Clock } from '../clock.ts';
import { acceptsGzip } from './accept-encoding.ts';
import { answerMethodNotAllowed } from './answer.ts';
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
  readonly exposition: Buffer;
  readonly gzip: Buffer;
}

/** The one hot path: hands out the exposition that is there, compressed once for all who want it so. */
export class Telemetry {
  readonly #exposition: () => Buffer | Promise<Buffer>;
  readonly #largeBodies: LargeBodies;
  /** Scrapers send the same few headers again and again: the last one is not read twice. */
  #lastEncoding: string | undefined;
  #lastEncodingIsGzip = false;
  #compressed: Compressed | undefined;
  readonly #compressOffTheLoop = coalesce(async () => {
    const exposition = await this.#exposition();
    if (this.#compressed?.exposition === exposition) return this.#compressed.gzip;
    return this.#remember(exposition, await compress(exposition, { level: constants.Z_BEST_SPEED }));
  });

  /** @param exposition what is to be sent; while nothing has changed it is the same buffer each time */
  constructor(exposition: () => Buffer | Promise<Buffer>, clock: Clock) {
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
    if (!Buffer.isBuffer(exposition)) return exposition.then(() => this.answer(request, response));
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

  #gzipOf(exposition: Buffer): Buffer | Promise<Buffer> {
    if (this.#compressed?.exposition === exposition) return this.#compressed.gzip;
    if (exposition.length < LIMITS.largeBody) return this.#remember(exposition, gzipSync(exposition));
    return this.#compressOffTheLoop();
  }

  #remember(exposition: Buffer, compressed: Buffer): Buffer {
    this.#compressed = { exposition, gzip: compressed };
    return compressed;
  }

  #send(response: ServerResponse, headers: readonly string[], body: Buffer): void {
    if (response.destroyed) return;
    response.writeHead(200, [...headers, 'Content-Length', String(body.length)]);
    if (body.length < LIMITS.largeBody) response.end(body);
    else this.#largeBodies.send(response, body);
  }
}
