import { describe, expect, it } from 'vitest';
import { HttpsProxy } from '../../src/dingtalk/proxy.ts';

describe('NO_PROXY', () => {
  it.each<readonly [noProxy: string, url: string, isBypassed: boolean]>([
    ['', 'https://api.dingtalk.io', false],
    ['*', 'https://api.dingtalk.io', true],
    ['api.dingtalk.io', 'https://api.dingtalk.io', true],
    ['API.DingTalk.IO', 'https://api.dingtalk.io', true],
    ['api.dingtalk.io', 'https://oapi.dingtalk.io', false],
    ['pi.dingtalk.io', 'https://api.dingtalk.io', false],
    ['dingtalk.io', 'https://api.dingtalk.io', true],
    ['.dingtalk.io', 'https://api.dingtalk.io', true],
    ['*.dingtalk.io', 'https://api.dingtalk.io', true],
    ['.dingtalk.io', 'https://dingtalk.io', true],
    ['dingtalk.io', 'https://dingtalk.io.example', false],
    ['dingtalk.io:443', 'https://api.dingtalk.io', true],
    ['dingtalk.io:8443', 'https://api.dingtalk.io', false],
    ['dingtalk.io:8443', 'https://api.dingtalk.io:8443', true],
    ['dingtalk.io', 'https://api.dingtalk.io:8443', true],
    ['10.0.0.7', 'https://10.0.0.7', true],
    ['[2001:db8::7]', 'https://[2001:db8::7]', true],
    ['[2001:db8::7]:8443', 'https://[2001:db8::7]:8443', true],
    ['other.example, dingtalk.io', 'https://api.dingtalk.io', true],
    ['other.example dingtalk.io', 'https://api.dingtalk.io', true],
    [',, ,', 'https://api.dingtalk.io', false],
  ])('"%s" excludes %s: %s', (noProxy, url, isBypassed) => {
    expect(new HttpsProxy('http://proxy.example', noProxy).isBypassedFor(new URL(url))).toBe(isBypassed);
  });
});

describe('the name of a proxy', () => {
  it.each([
    ['proxy.example', 'proxy.example:80'],
    ['proxy.example:3128', 'proxy.example:3128'],
    ['http://me:s3cret@proxy.example:3128/path', 'proxy.example:3128'],
    ['https://proxy.example', 'proxy.example:443'],
    ['http://[::1]:3128', '[::1]:3128'],
  ])('of %s is %s', (address, name) => {
    expect(new HttpsProxy(address).name).toBe(name);
  });
});
