import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { acceptsGzip } from '../../src/web/send.ts';
import { handle } from './support/start.ts';

describe('acceptsGzip', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['identity', false],
    ['br', false],
    ['gzip', true],
    ['GZip', true],
    ['gzipped', false],
    ['deflate, gzip', true],
    ['br,gzip;q=0.001', true],
    ['gzip ; q = 1.000', true],
    ['gzip;q=0', false],
    ['gzip;q=0.000', false],
    ['gzip;q=-1', false],
    ['gzip;q=', false],
    ['gzip;q=x', false],
    ['*', true],
    ['*;q=0', false],
    ['br;q=1, *;q=0.1', true],
    ['gzip;q=0, *', false],
    ['identity;q=0, gzip', true],
    ['gzip;q=0.5, identity;q=0.5', true],
    ['gzip;q=0.4, identity;q=0.5', false],
  ])('%j: %s', (header, isAccepted) => {
    expect(acceptsGzip(header)).toBe(isAccepted);
  });
});

it('answers simultaneous requests with the current text, compressed', async () => {
  let text = Buffer.alloc(0);
  const { handler } = handle({ exposition: () => text });
  const scrape = () =>
    request(handler).get('/metrics').set('Accept-Encoding', 'gzip').expect('Content-Encoding', 'gzip');
  for (const content of ['old\n', 'new\n']) {
    text = Buffer.alloc(100_000, content);
    for (const answer of await Promise.all([scrape(), scrape()])) expect(answer.text).toBe(text.toString());
    expect((await scrape()).text).toBe(text.toString());
  }
});
