import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeHtml, html } from '../../../src/web/page/html.ts';

const unescapeHtml = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

describe('escapeHtml', () => {
  test('takes the meaning from all that markup is made of', () => {
    expect(escapeHtml(`</title><b class="x" id='y'>&amp;`)).toBe(
      '&lt;/title&gt;&lt;b class=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;',
    );
  });

  test('leaves other text alone: Chinese, emoji, right-to-left marks, tabs and line ends', () => {
    const text = '星河科技 🏢 \u202Egnol\u202C שלום\t\r\n';
    expect(escapeHtml(text)).toBe(text);
  });

  test('replaces what cannot be shown: other control characters and lone surrogates', () => {
    expect(escapeHtml('a\u0000b\u001B[31mc\u007Fd\u0085e\uD800f')).toBe(
      'a\uFFFDb\uFFFD[31mc\uFFFDd\uFFFDe\uFFFDf',
    );
  });

  test('loses nothing of any text that can be shown, and lets no markup through', () => {
    const showable = fc.string({ unit: 'grapheme' }).filter((text) => !/\p{Cc}/u.test(text));
    fc.assert(
      fc.property(showable, (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"']/);
        expect(unescapeHtml(escaped)).toBe(text);
      }),
    );
  });
});

describe('html', () => {
  test('escapes text in its gaps, in content and in attributes', () => {
    expect(html`<b title="${'"x"'}">${'<i>'}</b>`.text).toBe('<b title="&quot;x&quot;">&lt;i&gt;</b>');
  });

  test('takes markup, lists of markup and numbers as they are, and undefined as nothing', () => {
    expect(html`${html`<i>${1}</i>`}${[html`<b>`, html`</b>`]}${undefined}.`.text).toBe('<i>1</i><b></b>.');
  });
});
