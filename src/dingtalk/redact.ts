const HIDDEN = '[hidden]';

/** The longest text of DingTalk's that is passed on; the rest says nothing more to a person. */
const LONGEST_TEXT = 500;

/** Whatever the secrets at hand are, a token in a query string is never passed on. */
const SECRET_PARAMETER =
  /((?:access_?token|client_?secret|app_?secret|suite_?secret|suite_?ticket)["']?\s*[=:]\s*["']?)[^\s&"',;)]+/giu;

/** A part of a secret that is this long is hidden as well, for an echo may be cut in two or broken into lines. */
const SHORTEST_PART = 8;

/**
 * Text that came from outside, made fit to be shown: every known secret is hidden, also in part, and where it is
 * written in another way (in capitals, percent-encoded, as a JSON string, in hexadecimal, in base64), and the length
 * is bounded.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const forms = new Set(secrets.flatMap(formsOf).map(inSmallLetters));
  // What is cut off is looked at as far as a secret may reach that begins before it.
  const reach = Math.max(0, ...Array.from(forms, (form) => form.length));
  const seen = text.slice(0, LONGEST_TEXT + reach);
  const isSecret = new Uint8Array(seen.length);
  const small = inSmallLetters(seen);
  for (const form of forms) mark(small, form, isSecret);
  let safe = '';
  for (let index = 0; index < Math.min(seen.length, LONGEST_TEXT); index += 1) {
    if (isSecret[index] === 0) safe += seen[index];
    else if (index === 0 || isSecret[index - 1] === 0) safe += HIDDEN;
  }
  safe = safe.replace(SECRET_PARAMETER, `$1${HIDDEN}`);
  return text.length > LONGEST_TEXT ? `${safe}…` : safe;
}

/** Marks every part of `form` that stands in the text, in capitals or not. */
function mark(text: string, form: string, isSecret: Uint8Array): void {
  const length = Math.min(form.length, SHORTEST_PART);
  const parts = new Set<string>();
  for (let start = 0; start + length <= form.length; start += 1) parts.add(form.slice(start, start + length));
  for (let start = 0; start + length <= text.length; start += 1) {
    if (parts.has(text.slice(start, start + length))) isSecret.fill(1, start, start + length);
  }
}

/** Without capitals, and as long as before: other letters may grow when they are made small. */
function inSmallLetters(text: string): string {
  return text.replaceAll(/\p{Lu}/gu, (capital) => {
    const small = capital.toLowerCase();
    return small.length === capital.length ? small : capital;
  });
}

function formsOf(secret: string): readonly string[] {
  if (secret === '') return [];
  // What cannot be encoded, a half of a surrogate pair, is replaced first, as the wire does it.
  const bytes = Buffer.from(secret, 'utf8');
  const wellFormed = bytes.toString('utf8');
  const percent = encodeURIComponent(wellFormed);
  const hexadecimal = bytes.toString('hex');
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    percent,
    percent.replaceAll(/[!'()*]/gu, (mark) => `%${mark.charCodeAt(0).toString(16)}`),
    hexadecimal.replaceAll(/../gu, '%$&'),
    new URLSearchParams({ s: wellFormed }).toString().slice('s='.length),
    hexadecimal,
    json,
    json.replace(/[\u0080-\uffff]/g, unicodeEscape),
    secret.replace(/[\s\S]/g, unicodeEscape),
    bytes.toString('base64'),
    ...[0, 1, 2].flatMap((before) => {
      const base64 = base64Behind(bytes, before);
      return [base64, base64.replaceAll('-', '+').replaceAll('_', '/')];
    }),
  ];
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The characters of base64 that are the secret's alone where so many bytes (modulo 3) stand before it: `id:secret`. */
function base64Behind(secret: Uint8Array, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), secret]);
  return bytes
    .toString('base64url')
    .slice(Math.ceil((before * 4) / 3), bytes.length % 3 === 0 ? undefined : -1);
}
