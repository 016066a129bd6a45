import type { Server } from 'node:http';

/** Listens on a free port of 127.0.0.1, and says which, as the exporter does. */
export function listen(server: Server): void {
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no TCP address');
    process.stderr.write(`address=127.0.0.1:${address.port}\n`);
  });
}
