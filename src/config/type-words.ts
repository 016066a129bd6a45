/** A type of the schema in words: what was meant. */
export function meantInWords(expected: string): string {
  switch (expected) {
    case 'string':
      return 'text';
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list';
    case 'object':
    case 'record':
      return 'a map of keys and values';
    default:
      return 'a number';
  }
}

/** The kind of a value in words: what was found. It never shows the value. */
export function foundInWords(input: unknown): string {
  if (Array.isArray(input)) return 'a list';
  switch (typeof input) {
    case 'string':
      return 'text';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    default:
      return 'a map of keys and values';
  }
}
