import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { sayReady } from './ready.ts';

/**
 * The yardstick: a `node:http` server that sends bytes it has at hand and does nothing else.
 * Arguments: a file with the body, and one with the same body in gzip.
 */
const [plainFile = '', gzipFile = ''] = process.argv.slice(2);
const plain = readFileSync(plainFile);
const gzip = readFileSync(gzipFile);
const headers = {
  'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
  'Content-Length': plain.length,
};
const gzipHeaders = { ...headers, 'Content-Encoding': 'gzip', 'Content-Length': gzip.length };

const server = createServer((request, response) => {
  if (request.headers['accept-encoding'] === 'gzip') {
    response.writeHead(200, gzipHeaders);
    response.end(gzip);
  } else {
    response.writeHead(200, headers);
    response.end(plain);
  }
});
sayReady(server);
