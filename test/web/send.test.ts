import { gunzipSync, gzip } from 'node:zlib';
import request from 'supertest';
import { describe, expect, it, vi } from 'vitest';
import { RawConnection } from './support/raw-connection.ts';

vi.mock('node:zlib', async (original) => {
  const zlib = await original<typeof import('node:zlib')>();
  return { ...zlib, gzip: vi.fn(zlib.gzip) };
});
// Another test file of this worker may have loaded the program with the real one.
vi.resetModules();
const { acceptsGzip } = await import('../../src/web/send.ts');
const { EXPOSITION, handle, start } = await import('./support/start.ts');

describe('acceptsGzip', () => {
  it.each([
    'gzip',
    'GZip',
    'deflate, gzip',
    'br,gzip;q=0.001',
    'gzip ; q = 1.000',
    '*',
    'br;q=1, *;q=0.1',
    'identity;q=0, gzip',
    'gzip;q=0.5, identity;q=0.5',
  ])('yes: %s', (header) => {
    expect(acceptsGzip(header)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'identity',
    'br',
    'gzip;q=0',
    'gzip;q=0.000',
    'gzip;q=0, *',
    '*;q=0',
    'gzip;q=0.4, identity;q=0.5',
    'gzip;q=-1',
    'gzip;q=',
    'gzip;q=x',
    'gzipped',
  ])('no: %s', (header) => {
    expect(acceptsGzip(header)).toBe(false);
  });
});

describe('compression', () => {
  it('is done once for all who ask for a text, and anew for a new one', async () => {
    let text = Buffer.alloc(100_000, 'old\n');
    const { handler } = handle({ exposition: () => text });
    const scrape = (): Promise<string> =>
      request(handler)
        .get('/metrics')
        .set('Accept-Encoding', 'gzip')
        .expect(200)
        .expect('Content-Encoding', 'gzip')
        .then((response) => response.text);
    for (const content of ['old\n', 'new\n']) {
      text = Buffer.alloc(100_000, content);
      const scrapes = await Promise.all(Array.from({ length: 20 }, scrape));
      scrapes.push(await scrape());
      expect(scrapes.every((each) => each === text.toString())).toBe(true);
    }
    expect(gzip).toHaveBeenCalledTimes(2);
  });

  it('gives the length of what is sent, to HEAD as well', async () => {
    const { port } = await start();
    const ask = async (method: string): Promise<string[]> =>
      (
        await new RawConnection(port).send(
          `${method} /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n`,
        ).ended
      ).split('\r\n\r\n');
    const [headers, body = ''] = await ask('GET');
    expect(gunzipSync(Buffer.from(body, 'latin1')).equals(EXPOSITION)).toBe(true);
    expect(headers).toContain(`Content-Length: ${body.length}`);
    const [headHeaders, headBody] = await ask('HEAD');
    expect([headHeaders?.replace(/Date: .*/, ''), headBody]).toEqual([headers?.replace(/Date: .*/, ''), '']);
  });
});
