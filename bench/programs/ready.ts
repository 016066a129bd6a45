import type { Server } from 'node:http';

/** Listens on a free port of loopback and tells the parent process which. */
export function sayReady(server: Server): void {
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no TCP address');
    process.send?.({ port: address.port });
  });
}
