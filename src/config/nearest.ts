/**
 * The known word that was probably meant, or undefined where none is similar: at most one edit for each three
 * characters, and three in total. Case and the characters `-`, `_` and `.` are ignored.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const meant = plain(word.slice(0, 200));
  let best: string | undefined;
  let fewest = Math.min(3, Math.floor(meant.length / 3)) + 1;
  for (const candidate of known) {
    const edits = distance(meant, plain(candidate));
    if (edits >= fewest) continue;
    fewest = edits;
    best = candidate;
  }
  return best;
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[-_.]/g, '');
}

/** The number of insertions, deletions, replacements and swaps of neighbors between two texts. */
function distance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = at(row - 1, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const swap = row > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = swap ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, replaced, swapped));
    }
  }
  return at(from.length, to.length);
}
