const HIDDEN = '[hidden]';

/** Characters of DingTalk's text that are shown. */
const MAXIMUM_TEXT = 500;

/** The most recently used secrets that are remembered. */
const MAXIMUM_SECRETS = 500;

/** Parts of a secret of this length are hidden too: a text may be truncated or broken into lines. */
const PART = 8;

/** Every part of a secret contains one of its probes: this many characters, starting at each fifth one. */
const PROBE = 4;

/** The value of a parameter with such a name is hidden even if it is not a known secret. */
const SECRET_PARAMETER =
  /((?:access_?token|client_?secret|app_?secret|suite_?secret|suite_?ticket)["']?\s*[=:]\s*["']?)[^\s&"',;)]+/giu;

/** The secrets that were used for calls, of all organizations: none is shown if DingTalk repeats it. */
export class KnownSecrets {
  /** The encoded forms of each secret; the most recently used is last. */
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
   * Hides every known secret in a text from DingTalk, also parts of it, in upper case, percent-encoded, as a JSON
   * string, in hexadecimal or in base64, and limits the text's length.
   */
  redact(text: string): string {
    const forms = Array.from(this.#forms.values()).flat();
    // A secret may begin before the limit and end after it.
    const longestForm = forms.reduce((longest, { length }) => Math.max(longest, length), 0);
    const seen = text.slice(0, MAXIMUM_TEXT + longestForm);
    const lowerCase = toLowerCase(seen);
    const isSecret = new Uint8Array(seen.length);
    for (const form of forms) mark(lowerCase, form, isSecret);
    let safe = '';
    for (let index = 0; index < Math.min(seen.length, MAXIMUM_TEXT); index += 1) {
      if (isSecret[index] === 0) safe += seen[index];
      else if (index === 0 || isSecret[index - 1] === 0) safe += HIDDEN;
    }
    safe = safe.replace(SECRET_PARAMETER, `$1${HIDDEN}`);
    return text.length > MAXIMUM_TEXT ? `${safe}…` : safe;
  }
}

/** Marks every part of `form` in the text. */
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

/** Whether the text may contain a part of `form`: a quick test, as most texts do not. */
function hasProbe(text: string, form: string): boolean {
  for (let start = 0; start + PROBE <= form.length; start += PART - PROBE + 1) {
    if (text.includes(form.slice(start, start + PROBE))) return true;
  }
  return false;
}

/** In lower case and of the same length: the lower case of some letters is longer. */
function toLowerCase(text: string): string {
  return text.replaceAll(/\p{Lu}/gu, (upper) => {
    const lower = upper.toLowerCase();
    return lower.length === upper.length ? lower : upper;
  });
}

/** The encoded forms of a secret, in lower case. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8');
  // As it is sent: a lone surrogate cannot be encoded, and is replaced.
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
      const base64 = base64After(bytes, before);
      return [base64, base64.replaceAll('-', '+').replaceAll('_', '/')];
    }),
  ];
  // Some forms of a very short secret are empty.
  return Array.from(new Set(forms.map(toLowerCase))).filter((form) => form !== '');
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The base64 characters that depend on the secret alone if it follows this many bytes, as in `id:secret`. */
function base64After(secret: Uint8Array, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), secret]);
  return bytes
    .toString('base64url')
    .slice(Math.ceil((before * 4) / 3), bytes.length % 3 === 0 ? undefined : -1);
}
