import { describe, expect, it } from 'vitest';
import { acceptsGzip } from '../../src/web/accept-encoding.ts';

describe('acceptsGzip', () => {
  it.each([
    'gzip',
    'GZip',
    'x-gzip',
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
    'gzip;q=2',
    'gzip;q=-1',
    'gzip;q=',
    'gzip;level=1',
    'gzipped',
  ])('no: %s', (header) => {
    expect(acceptsGzip(header)).toBe(false);
  });
});
