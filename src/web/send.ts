import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

const compress = promisify(gzip);

/** Bytes: with Node's 16 KiB, compressing 8 MB takes twice as long. */
const CHUNK_SIZE = 256 * 1024;

/** The compressed form of each text, for as long as the text itself is in use. */
const compressed = new WeakMap<Buffer, Buffer | Promise<Buffer>>();

/** Compresses a text off the event loop, once for all requests. The text must not change. */
function gzipOf(text: Buffer): Buffer | Promise<Buffer> {
  const known = compressed.get(text);
  if (known !== undefined) return known;
  const running = compress(text, { level: constants.Z_BEST_SPEED, chunkSize: CHUNK_SIZE }).then((result) => {
    compressed.set(text, result);
    return result;
  });
  compressed.set(text, running);
  return running;
}

/** Whether an Accept-Encoding header prefers gzip to no compression (RFC 9110, 12.5.3). */
export function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined) return false;
  const weights = new Map<string, number>();
  for (const element of header.toLowerCase().split(',')) {
    const [coding = '', weight] = element.split(/\s*;\s*q\s*=\s*/);
    weights.set(coding.trim(), weight === undefined ? 1 : Number(weight));
  }
  const gzipWeight = weights.get('gzip') ?? weights.get('*') ?? 0;
  return gzipWeight > 0 && gzipWeight >= (weights.get('identity') ?? 0);
}

/**
 * Answers 200 with a text, compressed for clients that accept it.
 *
 * @param headers alternating names and values, without length and encoding
 * @returns undefined where the response is sent; a promise where the text must be compressed first
 */
export function sendBody(
  request: IncomingMessage,
  response: ServerResponse,
  headers: readonly string[],
  text: Buffer,
): Promise<void> | undefined {
  if (!acceptsGzip(request.headers['accept-encoding'])) {
    end(response, [...headers, 'Content-Length', String(text.length)], text);
    return undefined;
  }
  const sendCompressed = (body: Buffer): void =>
    end(response, [...headers, 'Content-Encoding', 'gzip', 'Content-Length', String(body.length)], body);
  const body = gzipOf(text);
  if (body instanceof Promise) return body.then(sendCompressed);
  sendCompressed(body);
  return undefined;
}

function end(response: ServerResponse, headers: string[], body: Buffer): void {
  response.writeHead(200, headers);
  response.end(body);
}

/** Answers with one sentence. */
export function sendText(response: ServerResponse, status: number, sentence: string): void {
  const body = Buffer.from(`${sentence}\n`);
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}
