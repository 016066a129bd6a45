import { connect } from 'node:net';

/**
 * Stands in for wrk where there is none: the given number of connections, each with one request after the other.
 * Arguments: port, connections, seconds, and `gzip` or `plain`.
 */
const [port = '', connections = '', seconds = '', encoding = 'plain'] = process.argv.slice(2);
const request = Buffer.from(
  `GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${encoding === 'gzip' ? 'Accept-Encoding: gzip\r\n' : ''}\r\n`,
);
const latencies: number[] = [];
const end = performance.now() + Number(seconds) * 1000;

function scrapeUntilTheEnd(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1');
    let head = '';
    let left: number | undefined;
    let sentAt = 0;
    const send = (): void => {
      head = '';
      left = undefined;
      sentAt = performance.now();
      socket.write(request);
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('data', (part: Buffer) => {
      if (left === undefined) {
        head += part.toString('latin1');
        const headEnd = head.indexOf('\r\n\r\n');
        if (headEnd === -1) return;
        if (!head.startsWith('HTTP/1.1 200')) reject(new Error(`answered ${head.slice(0, 40)}`));
        const length = Number(/content-length: (\d+)/iu.exec(head)?.[1] ?? Number.NaN);
        left = length - (head.length - headEnd - 4);
      } else {
        left -= part.length;
      }
      if (left > 0) return;
      const now = performance.now();
      latencies.push(now - sentAt);
      if (now < end) send();
      else socket.end(() => resolve());
    });
  });
}

const startedAt = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, scrapeUntilTheEnd));
const elapsed = (performance.now() - startedAt) / 1000;
latencies.sort((one, other) => one - other);
process.stdout.write(
  JSON.stringify({
    perSecond: latencies.length / elapsed,
    p99: latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * 0.99))] ?? 0,
  }),
);
