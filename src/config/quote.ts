const LONGEST_QUOTE = 60;

/** A text as it may stand in a message: in quotes, on one line, and cut where it is long. */
export function quote(text: string): string {
  const characters = Array.from(text.slice(0, 2 * LONGEST_QUOTE + 2));
  const shown =
    characters.length > LONGEST_QUOTE ? `${characters.slice(0, LONGEST_QUOTE - 1).join('')}…` : text;
  // JSON leaves DEL and the C1 controls as they are, and some terminals act on them.
  return JSON.stringify(shown).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
