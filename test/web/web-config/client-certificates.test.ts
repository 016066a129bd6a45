import { describe, expect, it } from 'vitest';
import { subjectAlternativeNames } from '../../../src/web/web-config/client-certificates.ts';

describe('subjectAlternativeNames', () => {
  it.each([
    ['', []],
    ['DNS:a.example.org', ['a.example.org']],
    [
      'DNS:a, email:b@c, URI:https://d/e:f, IP Address:127.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1',
      ['a', 'b@c', 'https://d/e:f', '127.0.0.1', '2001:db8::1'],
    ],
    ['DNS:"a, DNS:b", DNS:c', ['a, DNS:b', 'c']],
    ['URI:"x\\"y, DNS:evil"', ['x"y, DNS:evil']],
    ['othername:"UPN:a, DNS:evil", DNS:b', ['b']],
    ['DirName:"CN = a, DNS:evil"', []],
    ['Registered ID:1.2.3, othername:<unsupported>, DNS:b', ['b']],
    ['DNS:b, what is this', []],
    ['DNS:b, DNS:"open', []],
    ['DNS:b"DNS:c', []],
  ])('%j: %j', (text, names) => {
    expect(subjectAlternativeNames(text)).toEqual(names);
  });
});
