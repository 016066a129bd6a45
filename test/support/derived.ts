/**
 * A text that ships, with parts of it replaced for a test. Each part must stand in it exactly once: a file that
 * has changed under a test makes the test fail instead of quietly testing something else.
 */
export function derived(text: string, replacements: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [from, to] of Object.entries(replacements)) {
    const found = result.split(from).length - 1;
    if (found !== 1) throw new Error(`${JSON.stringify(from)} stands ${found} times in what ships, not once`);
    result = result.replace(from, () => to);
  }
  return result;
}
