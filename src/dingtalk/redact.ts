const HIDDEN = '[hidden]';

/** Characters of DingTalk's text that are shown; the rest says nothing more to a person. */
const MAXIMUM_TEXT = 500;

/** How many secrets are known at most: the ones that were used last. */
const MAXIMUM_SECRETS = 500;

/** A part of a secret that is this long is hidden too, because a text may be cut in two or broken into lines. */
const PART = 8;

/** Every part of a secret holds one of its probes whole: that many characters, starting at each fifth one. */
const PROBE = 4;

/** Whatever the secrets are, a token in a query string is never shown. */
const SECRET_PARAMETER =
  /((?:access_?token|client_?secret|app_?secret|suite_?secret|suite_?ticket)["']?\s*[=:]\s*["']?)[^\s&"',;)]+/giu;

/**
 * The secrets that the process has used in its life, of all organizations and from before a rotation, so that none of
 * them is shown when DingTalk repeats it.
 */
export class KnownSecrets {
  /** Each secret in all ways in which it is written; the one that was used last is last. */
  readonly #forms = new Map<string, readonly string[]>();

  remember(secrets: readonly string[]): void {
    for (const secret of secrets) {
      const forms = this.#forms.get(secret) ?? formsOf(secret);
      this.#forms.delete(secret);
      this.#forms.set(secret, forms);
    }
    for (const oldest of this.#forms.keys()) {
      if (this.#forms.size <= MAXIMUM_SECRETS) return;
      this.#forms.delete(oldest);
    }
  }

  /**
   * A text from outside, made fit to be shown: every known secret is hidden, also in part, in capitals,
   * percent-encoded, as a JSON string, in hexadecimal or in base64, and the length is bounded.
   */
  hide(text: string): string {
    const forms = Array.from(this.#forms.values()).flat();
    // Behind the end a text is searched as far as a secret may reach that begins before it.
    const reach = forms.reduce((longest, { length }) => Math.max(longest, length), 0);
    const seen = text.slice(0, MAXIMUM_TEXT + reach);
    const small = inSmallLetters(seen);
    const isSecret = new Uint8Array(seen.length);
    for (const form of forms) mark(small, form, isSecret);
    let safe = '';
    for (let index = 0; index < Math.min(seen.length, MAXIMUM_TEXT); index += 1) {
      if (isSecret[index] === 0) safe += seen[index];
      else if (index === 0 || isSecret[index - 1] === 0) safe += HIDDEN;
    }
    safe = safe.replace(SECRET_PARAMETER, `$1${HIDDEN}`);
    return text.length > MAXIMUM_TEXT ? `${safe}…` : safe;
  }
}

/** Marks every part of `form` that the text holds. */
function mark(text: string, form: string, isSecret: Uint8Array): void {
  if (form.length >= PART && (text.length < PART || !hasProbe(text, form))) return;
  const length = Math.min(form.length, PART);
  for (let start = 0; start + length <= form.length; start += 1) {
    const part = form.slice(start, start + length);
    for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
      isSecret.fill(1, at, at + length);
    }
  }
}

/** Whether the text may hold a part of `form`: most do not, and finding that out this way takes a tenth of the time. */
function hasProbe(text: string, form: string): boolean {
  for (let start = 0; start + PROBE <= form.length; start += PART - PROBE + 1) {
    if (text.includes(form.slice(start, start + PROBE))) return true;
  }
  return false;
}

/** Without capitals, and as long as before: some letters grow when they are made small. */
function inSmallLetters(text: string): string {
  return text.replaceAll(/\p{Lu}/gu, (capital) => {
    const small = capital.toLowerCase();
    return small.length === capital.length ? small : capital;
  });
}

/** The ways in which a secret is written, in small letters. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8');
  // A lone surrogate cannot be encoded; it is replaced as on the wire.
  const wellFormed = bytes.toString('utf8');
  const percent = encodeURIComponent(wellFormed);
  const hexadecimal = bytes.toString('hex');
  const json = JSON.stringify(secret).slice(1, -1);
  const forms = [
    secret,
    percent,
    percent.replaceAll(/[!'()*]/gu, (mark) => `%${mark.charCodeAt(0).toString(16)}`),
    hexadecimal.replaceAll(/../gu, '%$&'),
    new URLSearchParams({ s: wellFormed }).toString().slice('s='.length),
    hexadecimal,
    json,
    json.replaceAll(/[\u0080-\uffff]/g, unicodeEscape),
    secret.replaceAll(/[\s\S]/g, unicodeEscape),
    bytes.toString('base64'),
    ...[0, 1, 2].flatMap((before) => {
      const base64 = base64Behind(bytes, before);
      return [base64, base64.replaceAll('-', '+').replaceAll('_', '/')];
    }),
  ];
  // Of a very short secret nothing is left in some of them.
  return Array.from(new Set(forms.map(inSmallLetters))).filter((form) => form !== '');
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The characters of base64 that are the secret's alone where so many bytes (modulo 3) are before it: `id:secret`. */
function base64Behind(secret: Uint8Array, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), secret]);
  return bytes
    .toString('base64url')
    .slice(Math.ceil((before * 4) / 3), bytes.length % 3 === 0 ? undefined : -1);
}
