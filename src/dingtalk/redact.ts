const HIDDEN = '[hidden]';

/** The longest text of DingTalk's that is passed on; the rest says nothing more to a person. */
const LONGEST_TEXT = 500;

/** Whatever the secrets at hand are, a token in a query string is never passed on. */
const SECRET_PARAMETER =
  /((?:access_?token|client_?secret|app_?secret|suite_?secret|suite_?ticket)["']?\s*[=:]\s*["']?)[^\s&"',;)]+/giu;

/**
 * Text that came from outside, made fit to be shown: every known secret is hidden, also where it is written
 * in another way (percent-encoded, as a JSON string, in base64), and the length is bounded.
 */
export function redact(text: string, secrets: readonly string[]): string {
  let safe = text;
  for (const form of secrets.flatMap(formsOf).sort((one, other) => other.length - one.length)) {
    safe = safe.replaceAll(form, HIDDEN);
  }
  safe = safe.replace(SECRET_PARAMETER, `$1${HIDDEN}`);
  return safe.length > LONGEST_TEXT ? `${safe.slice(0, LONGEST_TEXT)}…` : safe;
}

function formsOf(secret: string): readonly string[] {
  if (secret === '') return [];
  // What cannot be encoded, a half of a surrogate pair, is replaced first, as the wire does it.
  const wellFormed = Buffer.from(secret, 'utf8').toString('utf8');
  return [
    secret,
    encodeURIComponent(wellFormed),
    new URLSearchParams({ s: wellFormed }).toString().slice('s='.length),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret, 'utf8').toString('base64'),
  ];
}
