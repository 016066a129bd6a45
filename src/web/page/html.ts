/** Markup that may go into a page as it is. Only `html` makes it, so whatever is not markup was escaped. */
class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export type Html = Markup;

/** What may stand in a gap of `html`: text and numbers are escaped, markup is not, undefined is nothing. */
export type HtmlValue = string | number | undefined | Html | readonly Html[];

/** What markup is made of, control characters but tab and line ends, and lone surrogates. */
const UNSAFE = /[&<>"']|(?![\t\n\r])[\p{Cc}\p{Cs}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text made safe for an element's content and for a quoted attribute. What cannot be shown becomes U+FFFD. */
export function escapeHtml(text: string): string {
  return text.replace(UNSAFE, (character) => ENTITIES[character] ?? '\u{FFFD}');
}

function render(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return value.map((part) => part.text).join('');
}

/** A template of markup whose gaps are escaped. It must not be used inside `<style>` or `<script>`. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Markup(parts.reduce((text, part, index) => text + render(values[index - 1]) + part));
}
