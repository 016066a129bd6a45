import { describe, expect, it } from 'vitest';
import { pathOf } from '../../src/web/request-path.ts';

describe('pathOf', () => {
  it.each([
    ['/metrics', '/metrics'],
    ['/metrics?x=y', '/metrics'],
    ['/metrics#x', '/metrics'],
    ['/metrics/', '/metrics/'],
    ['//metrics', '//metrics'],
    ['/%6detrics', '/%6detrics'],
    ['/a/../metrics', '/a/../metrics'],
    ['http://host:1/metrics?x', '/metrics'],
    ['HTTPS://host/-/healthy', '/-/healthy'],
    ['http://host', '/'],
    ['http://host?x', '/'],
    ['*', '*'],
    ['ftp://host/metrics', 'ftp://host/metrics'],
    ['', ''],
  ])('%j asks for %j', (target, path) => {
    expect(pathOf(target)).toBe(path);
  });
});
