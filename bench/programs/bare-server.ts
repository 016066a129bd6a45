import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { listen } from './listen.ts';

/**
 * The yardstick: a `node:http` server that sends the bytes and headers of the exporter and does nothing else.
 * Arguments: a file with the body and one with the same body in gzip, each with its headers beside it.
 */
const [plain, gzip] = process.argv.slice(2).map((file) => ({
  headers: JSON.parse(readFileSync(`${file}.json`, 'utf8')),
  body: readFileSync(file),
}));

listen(
  createServer((request, response) => {
    const answer = request.headers['accept-encoding'] === 'gzip' ? gzip : plain;
    response.writeHead(200, answer?.headers);
    response.end(answer?.body);
  }),
);
