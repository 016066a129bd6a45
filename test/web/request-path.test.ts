import { describe, expect, it } from 'vitest';
import { parseTelemetryPath, pathOf } from '../../src/web/request-path.ts';

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

describe('parseTelemetryPath', () => {
  it.each(['/metrics', '/', '/probe/dingtalk', '/metrics/'])('takes %s', (path) => {
    expect(parseTelemetryPath(path)).toBe(path);
  });

  it.each([
    ['metrics', 'it does not start with a slash'],
    ['', 'it does not start with a slash'],
    ['/my metrics', 'only printable ASCII'],
    ['/数', 'only printable ASCII'],
    ['/metrics?x', 'a query or fragment'],
    ['/a/../b', 'clients take "." and ".." out of a path'],
    ['//metrics', 'two slashes at the start'],
    ['/-/ready', 'it is taken by another answer'],
  ])('refuses %j', (path, problem) => {
    expect(() => parseTelemetryPath(path)).toThrow(problem);
  });
});
