import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { html, outside } from '../../../src/web/page/html.ts';

const escaped = (text: string): string => html`${text}`.text;

const plain = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

describe('html', () => {
  test('keeps markup, also in lists, and renders undefined as nothing', () => {
    expect(html`${html`<i>${1}</i>`}${[html`<b>`, html`</b>`]}${undefined}.`.text).toBe('<i>1</i><b></b>.');
  });

  test('replaces control characters and lone surrogates', () => {
    expect(escaped('a\u0000b\u001B[31mc\u007Fd\u0085e\uD800f')).toBe(
      'a\uFFFDb\uFFFD[31mc\uFFFDd\uFFFDe\uFFFDf',
    );
  });

  test('escapes any other text', () => {
    const showable = fc.string({ unit: 'grapheme' }).filter((text) => !/\p{Cc}/u.test(text));
    fc.assert(
      fc.property(showable, (text) => {
        expect(escaped(text)).not.toMatch(/[<>"']/);
        expect(plain(escaped(text))).toBe(text);
      }),
    );
  });
});

describe('outside', () => {
  test('truncates long text between characters', () => {
    expect(outside('🏢🏢🏢', 3).text).toBe('<bdi>🏢🏢🏢</bdi>');
    expect(outside('🏢🏢🏢🏢', 3).text).toBe('<bdi>🏢🏢…</bdi>');
    expect(outside('x'.repeat(1_000_000), 600).text).toHaveLength('<bdi></bdi>'.length + 600);
  });
});
