import { describe, expect, it } from 'vitest';
import { formatAddress, parseListenAddress } from '../../src/web/listen-address.ts';

describe('parseListenAddress', () => {
  it.each([
    [':10210', { host: undefined, port: 10210 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['127.0.0.1:65535', { host: '127.0.0.1', port: 65535 }],
    ['[::1]:9', { host: '::1', port: 9 }],
    ['[fe80::1%eth0]:9', { host: 'fe80::1%eth0', port: 9 }],
    ['host-1.example.org:80', { host: 'host-1.example.org', port: 80 }],
  ])('reads %s, and writes it the same', (text, address) => {
    expect(parseListenAddress(text)).toEqual(address);
    expect(formatAddress(address.host, address.port)).toBe(text);
  });

  it.each([
    ['', 'not understood'],
    ['10210', 'not understood'],
    ['localhost', 'not understood'],
    ['localhost:', 'not understood'],
    ['localhost:http', 'not understood'],
    ['http://localhost:80', 'not understood'],
    ['a:1:2', 'not understood'],
    [':-1', 'not understood'],
    ['::1', 'an IPv6 address needs brackets'],
    [':65536', 'a port is at most 65535'],
    ['[localhost]:80', 'the text in brackets is not an IPv6 address'],
    ['[]:80', 'the text in brackets is not an IPv6 address'],
    ['a b:80', 'the host is neither a name nor an IP address'],
    ['a/b:80', 'the host is neither a name nor an IP address'],
    ['-a:80', 'the host is neither a name nor an IP address'],
  ])('refuses %j', (text, problem) => {
    expect(() => parseListenAddress(text)).toThrow(
      `listen address ${JSON.stringify(text)}: ${problem}; write host:port, [IPv6 address]:port or :port`,
    );
  });
});
