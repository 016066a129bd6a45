/** A shipped text with parts of it replaced. Each part must be in it exactly once, so that a changed file is noticed. */
export function derived(text: string, replacements: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [from, to] of Object.entries(replacements)) {
    const found = result.split(from).length - 1;
    if (found !== 1) throw new Error(`${JSON.stringify(from)} is in the text ${found} times, not once`);
    result = result.replace(from, () => to);
  }
  return result;
}
