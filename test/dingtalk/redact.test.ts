import { describe, expect, it } from 'vitest';
import { redact } from '../../src/dingtalk/redact.ts';

const SECRET = 'p/w+ "ü"&=';

describe('text from outside', () => {
  it.each([
    ['in clear', SECRET],
    ['percent-encoded', encodeURIComponent(SECRET)],
    ['form-encoded', new URLSearchParams({ s: SECRET }).toString().slice(2)],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['in base64', Buffer.from(SECRET).toString('base64')],
  ])('hides a secret that is repeated %s', (_title, form) => {
    expect(redact(`refused: ${form}, sorry`, [SECRET])).toBe('refused: [hidden], sorry');
  });

  it('hides what stands behind a name of a secret, whatever it is', () => {
    expect(redact('GET /topapi?access_token=0123abc&only_active=true', [])).toBe(
      'GET /topapi?access_token=[hidden]&only_active=true',
    );
    expect(redact('{"appSecret":"xyz","appKey":"ding"}', [])).toBe(
      '{"appSecret":"[hidden]","appKey":"ding"}',
    );
  });

  it('hides the longer of two secrets whole where one begins with the other', () => {
    expect(redact('abcdef', ['abc', 'abcdef'])).toBe('[hidden]');
  });

  it('bounds the length', () => {
    expect(redact('x'.repeat(10_000), [])).toHaveLength(501);
  });

  it('leaves other text alone', () => {
    expect(redact('访问ip不在白名单之中', ['secret'])).toBe('访问ip不在白名单之中');
    expect(redact('text', [''])).toBe('text');
  });
});
