import { describe, expect, it } from 'vitest';
import { KnownSecrets } from '../../src/dingtalk/redact.ts';

const SECRET = `p/w+ "ü"&='x`;

function redact(text: string, secrets: readonly string[]): string {
  const known = new KnownSecrets();
  known.remember(secrets);
  return known.redact(text);
}

describe('text from DingTalk', () => {
  it.each([
    ['in clear', SECRET],
    ['percent-encoded', encodeURIComponent(SECRET)],
    ['percent-encoded in lower case', encodeURIComponent(SECRET).toLowerCase()],
    ['form-encoded', new URLSearchParams({ s: SECRET }).toString().slice(2)],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['percent-encoded by stricter rules', encodeURIComponent(SECRET).replaceAll("'", '%27')],
    ['percent-encoded byte by byte', Buffer.from(SECRET).toString('hex').replaceAll(/../gu, '%$&')],
    [
      'in JSON, in escapes alone',
      SECRET.replaceAll(/./gu, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ],
    ['in hexadecimal', Buffer.from(SECRET).toString('hex')],
    ['in capitals', SECRET.toUpperCase()],
    ['in base64', Buffer.from(SECRET).toString('base64')],
  ])('hides a secret that is repeated %s', (_title, form) => {
    expect(redact(`refused: ${form}, sorry`, [SECRET])).toBe('refused: [hidden], sorry');
  });

  it.each([
    [
      'in base64 behind an id',
      `Basic ${Buffer.from('id:0123456789abcdef0123456789').toString('base64')}`,
      /^Basic .{4,6}\[hidden\].?$/u,
    ],
    ['in base64 for URLs', Buffer.from('0123456789abcdef0123456789').toString('base64url'), '[hidden]'],
    ['where the text is cut', `${'x'.repeat(495)}0123456789abcdef0123456789`, `${'x'.repeat(495)}[hidden]…`],
  ])('hides %s', (_title, text, expected) => {
    const safe = redact(text, ['0123456789abcdef0123456789']);
    if (typeof expected === 'string') expect(safe).toBe(expected);
    else expect(safe).toMatch(expected);
  });

  it.each<[title: string, text: string, secrets: string[], expected: string]>([
    [
      'a parameter with the name of a secret',
      'GET /?access_token=0123abc&a=b',
      [],
      'GET /?access_token=[hidden]&a=b',
    ],
    [
      'a key with the name of a secret',
      '{"appSecret":"xyz","a":"b"}',
      [],
      '{"appSecret":"[hidden]","a":"b"}',
    ],
    ['the longer of two secrets with the same start', 'abcdef', ['abc', 'abcdef'], '[hidden]'],
    ['a secret of one character', 'code 7', ['7'], 'code [hidden]'],
    ['no other text', '访问ip不在白名单之中', ['secret', ''], '访问ip不在白名单之中'],
  ])('hides %s', (_title, text, secrets, expected) => {
    expect(redact(text, secrets)).toBe(expected);
  });

  it('hides every part of a secret of eight characters', () => {
    const secret = '0123456789abcdefghij';
    for (let start = 0; start + 8 <= secret.length; start += 1) {
      expect(redact(`<${secret.slice(start, start + 8)}>`, [secret])).toBe('<[hidden]>');
    }
  });

  it('limits the length', () => {
    expect(redact('x'.repeat(10_000), [])).toHaveLength(501);
  });

  it('hides the 500 most recently used secrets', () => {
    const secretOf = (index: number): string => `secret number ${index}, with enough letters`;
    const known = new KnownSecrets();
    for (let index = 0; index < 500; index += 1) known.remember([secretOf(index)]);
    expect(known.redact(secretOf(0))).toBe('[hidden]');
    // Now it is the most recently used one.
    known.remember([secretOf(0)]);
    known.remember(['QxZvKjWp']);
    expect(known.redact('QxZvKjWp 77777777')).toBe('[hidden] 77777777');
    expect(known.redact(secretOf(0))).toBe('[hidden]');
  });
});
