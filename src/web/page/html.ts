/** Markup. Only `html` makes it, so everything else in it is escaped. */
class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Html = Markup;

/** A value of a template: text and numbers are escaped, markup is kept, undefined is nothing. */
export type HtmlValue = string | number | undefined | Html | readonly Html[];

/** Characters with a meaning in markup, control characters but tab and line ends, and lone surrogates. */
const UNSAFE = /[&<>"']|(?![\t\n\r])[\p{Cc}\p{Cs}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function render(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(render).join('');
  return String(value).replace(UNSAFE, (character) => ENTITIES[character] ?? '\u{FFFD}');
}

/** A template of markup whose values are escaped. Not for use inside `<style>` or `<script>`. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Markup(parts.reduce((text, part, index) => text + render(values[index - 1]) + part));
}

/**
 * Text from outside: cut to a number of characters, and isolated so that its writing direction
 * does not affect the text beside it.
 */
export function outside(text: string, limit: number): Html {
  const characters = Array.from(text.slice(0, 2 * (limit + 1)));
  const cut = characters.length > limit ? `${characters.slice(0, limit - 1).join('')}…` : text;
  return html`<bdi>${cut}</bdi>`;
}
