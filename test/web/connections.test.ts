import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Connections } from '../../src/web/connections.ts';
import { LIMITS } from '../../src/web/limits.ts';
import { openssl } from '../support/tools.ts';
import { eventually } from '../support/until.ts';
import { Authority, type Issued } from './support/certificates.ts';
import { ask, Wire } from './support/http.ts';

const LIMIT = 16;
const GET = 'GET /now HTTP/1.1\r\nHost: a\r\n\r\n';
const GET_LATER = 'GET /later HTTP/1.1\r\nHost: a\r\n\r\n';

/** A listener whose connections are followed, and who came and was turned away. */
interface Listener {
  readonly port: number;
  /** What was asked for at `/later`, and has no answer yet. */
  readonly unanswered: ServerResponse[];
  /** How many requests have come. */
  seen(): number;
  dropped(): number;
  /** Those that are open on this side. */
  open(): Promise<number>;
}

async function listen(
  connections: Connections,
  create: (listener: RequestListener) => Server,
): Promise<Listener> {
  const unanswered: ServerResponse[] = [];
  let seen = 0;
  const server = create((request, response) => {
    seen += 1;
    if (!connections.begin(request, response)) return;
    request.resume();
    if (request.url === '/later') unanswered.push(response);
    else response.end('now');
  });
  connections.follow(server);
  let dropped = 0;
  server.on('drop', () => {
    dropped += 1;
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(() => {
    connections.destroy();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return {
    port: address.port,
    unanswered,
    seen: () => seen,
    dropped: () => dropped,
    open: () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
  };
}

const plain = (connections = new Connections(LIMIT)): Promise<Listener> => listen(connections, createServer);

/** Connections that say nothing, or nothing whole, one after the other. */
async function silent(port: number, count: number, text = ''): Promise<Wire[]> {
  const wires: Wire[] = [];
  for (let index = 0; index < count; index++) {
    const wire = new Wire(port).send(text);
    await wire.connected;
    wires.push(wire);
  }
  return wires;
}

const openOf = (wires: readonly Wire[]): number =>
  wires.filter((wire) => wire.socket.readyState === 'open').length;

describe('the connections of a listener', () => {
  it.each([
    ['silent', ''],
    ['in the middle of their headers', 'GET /now HTTP/1.1\r\nHost: a\r\nX-'],
  ])('give way to who comes while they are %s, the oldest first', async (_kind, text) => {
    const { port, dropped } = await plain();
    const wires = await silent(port, 3 * LIMIT, text);
    expect((await ask(port, '/now')).status).toBe(200);
    await eventually(() => openOf(wires)).toBe(LIMIT - 2);
    expect(openOf(wires.slice(-(LIMIT - 2)))).toBe(LIMIT - 2);
    expect(dropped()).toBe(0);
  });

  it('are left alone while there are fewer than the limit', async () => {
    const { port } = await plain();
    const scrapers = await silent(port, LIMIT - 1);
    for (const time of [1, 2, 3]) {
      for (const scraper of scrapers) scraper.send(GET);
      for (const scraper of scrapers)
        await eventually(() => scraper.received.split('HTTP/1.1 200').length).toBe(time + 1);
    }
    expect(openOf(scrapers)).toBe(LIMIT - 1);
  });

  it('stay while those that have asked for nothing are more', async () => {
    const { port, dropped } = await plain();
    const scrapers = await silent(port, LIMIT / 4, GET);
    await Promise.all(scrapers.map((scraper) => scraper.until('now')));
    await silent(port, 3 * LIMIT);
    for (const scraper of scrapers) scraper.send(GET);
    for (const scraper of scrapers)
      await eventually(() => scraper.received.split('HTTP/1.1 200').length).toBe(3);
    expect(dropped()).toBe(0);
  });

  it('give way when they are idle after an answer, who was answered longest ago first', async () => {
    const { port } = await plain();
    const idle = await silent(port, LIMIT - 1, GET);
    await Promise.all(idle.map((wire) => wire.until('now')));
    // The first to come was the last to be answered.
    idle[0]?.send(GET);
    await eventually(() => idle[0]?.received.split('HTTP/1.1 200').length).toBe(3);
    const newcomer = new Wire(port).send(GET);
    await newcomer.until('now');
    await idle[1]?.ended;
    expect(openOf(idle)).toBe(LIMIT - 2);
  });

  it('give way while the body of a request does not come', async () => {
    const { port, seen, unanswered, dropped } = await plain();
    const text = 'POST /later HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    const whole = new Wire(port).send(`${text}0\r\n\r\n`);
    await eventually(seen).toBe(1);
    const wires: Wire[] = [];
    for (let count = 2; count <= 3 * LIMIT; count++) {
      wires.push(new Wire(port).send(text));
      await eventually(seen).toBe(count);
    }
    expect((await ask(port, '/now')).status).toBe(200);
    expect(dropped()).toBe(0);
    unanswered[0]?.end('later');
    await whole.until('later');
  });

  it('stay while they are being answered, up to the limit, and nobody else gets in then', async () => {
    const { port, unanswered, dropped } = await plain();
    const busy: Wire[] = [];
    for (let count = 1; count <= LIMIT; count++) {
      busy.push(new Wire(port).send(GET_LATER));
      await eventually(() => unanswered.length).toBe(count);
    }
    await new Wire(port).ended;
    expect(dropped()).toBe(1);
    for (const response of unanswered) response.end('later');
    await Promise.all(busy.map((wire) => wire.until('later')));
    expect((await ask(port, '/now')).status).toBe(200);
  });

  it('are counted by listener', async () => {
    const connections = new Connections(LIMIT);
    const flooded = await plain(connections);
    const other = await plain(connections);
    const there = await silent(other.port, LIMIT - 2);
    await silent(flooded.port, 3 * LIMIT);
    expect((await ask(flooded.port, '/now')).status).toBe(200);
    expect((await ask(other.port, '/now')).status).toBe(200);
    expect(openOf(there)).toBe(LIMIT - 2);
  });

  it('are forgotten when they are gone', async () => {
    const { port, open } = await plain();
    const first = new Wire(port).send(GET);
    await first.until('now');
    for (const wire of await silent(port, 3 * LIMIT, 'no HTTP\r\n\r\n')) await wire.ended;
    await eventually(open).toBe(1);
    expect(openOf([first])).toBe(1);
  });
});

describe('pipelined requests', () => {
  it('are answered up to a limit, the last of them as the last of its connection', async () => {
    const { port, unanswered, seen } = await plain();
    const wire = new Wire(port).send(GET_LATER.repeat(2 * LIMITS.maxPipelinedRequests));
    await eventually(seen).toBe(2 * LIMITS.maxPipelinedRequests);
    expect(unanswered).toHaveLength(1 + LIMITS.maxPipelinedRequests);
    for (const response of unanswered) response.end('later');
    const answers = (await wire.ended).split('HTTP/1.1 200').slice(1);
    expect(answers).toHaveLength(1 + LIMITS.maxPipelinedRequests);
    expect(answers.filter((answer) => answer.includes('Connection: close'))).toEqual(answers.slice(-1));
  });

  it('are ignored behind that, and held in a bounded number until their connections close', async () => {
    const { port, seen, open } = await plain();
    let sent = 0;
    const stalled = (ignored: number): Wire => {
      const count = 1 + LIMITS.maxPipelinedRequests + ignored;
      sent += count;
      return new Wire(port).send(GET_LATER.repeat(count));
    };
    const half = stalled(LIMITS.maxIgnoredRequests / 2);
    await eventually(seen).toBe(sent);
    expect(await stalled(LIMITS.maxIgnoredRequests).ended).toBe('');
    sent = seen();
    // What was held for that one is free again.
    const other = stalled(LIMITS.maxIgnoredRequests / 2);
    await eventually(seen).toBe(sent);
    expect(openOf([half, other])).toBe(2);
    expect(await stalled(1).ended).toBe('');
    half.socket.destroy();
    await eventually(open).toBe(1);
    sent = seen();
    const third = stalled(1);
    await eventually(seen).toBe(sent);
    expect(openOf([other, third])).toBe(2);
  });
});

describe.skipIf(openssl().missing)('the connections of a TLS listener', () => {
  let authority: Authority;
  let own: Issued;
  beforeAll(() => {
    authority = new Authority();
    own = authority.issue('server');
  });
  afterAll(() => authority.remove());

  const secure = (): Promise<Listener> =>
    listen(new Connections(LIMIT), (listener) =>
      createTlsServer({ cert: own.cert, key: own.key, maxVersion: 'TLSv1.2' }, listener),
    );
  const scrape = async (port: number): Promise<number> =>
    (await ask(port, '/now', { tls: { ca: authority.ca } })).status;

  it('give way before and in their handshake', async () => {
    const { port, dropped } = await secure();
    // The first bytes of a handshake: the header of a record whose rest does not come.
    const wires = [
      ...(await silent(port, 3 * LIMIT)),
      ...(await silent(port, LIMIT, '\x16\x03\x01\x02\x00')),
    ];
    expect(await scrape(port)).toBe(200);
    await eventually(() => openOf(wires)).toBe(LIMIT - 2);
    expect(dropped()).toBe(0);
  });

  it('are one each, with TLS over TCP, and give way after their handshake', async () => {
    const { port, dropped, open } = await secure();
    const handshake = (): Promise<TLSSocket> =>
      new Promise((resolve, reject) => {
        const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority.ca }, () =>
          resolve(socket),
        );
        onTestFinished(() => void socket.destroy());
        socket.on('error', reject);
      });
    const sockets: TLSSocket[] = [];
    for (let index = 0; index < LIMIT - 2; index++) sockets.push(await handshake());
    await eventually(open).toBe(LIMIT - 2);
    expect(await scrape(port)).toBe(200);
    await eventually(open).toBe(LIMIT - 2);
    for (let index = 0; index < LIMIT; index++) sockets.push(await handshake());
    expect(await scrape(port)).toBe(200);
    await eventually(open).toBe(LIMIT - 2);
    await eventually(() => sockets.filter((socket) => socket.readyState === 'open').length).toBe(LIMIT - 2);
    expect(dropped()).toBe(0);
  });
});
