/** How far a slip of the pen may be from what was meant: one edit in three characters, three at the most. */
function tolerance(length: number): number {
  return Math.min(3, Math.floor(length / 3));
}

/** The edits (insert, delete, replace, swap of neighbors) that lead from one text to the other. */
function distance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let edits = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        edits = Math.min(edits, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}

const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_.]/g, '');

/**
 * The known word that a person probably meant, or undefined where none is near. Upper and lower case and the
 * characters `-`, `_` and `.` make no difference.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const meant = plain(word.slice(0, 200));
  let best: string | undefined;
  let fewest = tolerance(meant.length) + 1;
  for (const candidate of known) {
    const text = plain(candidate);
    if (Math.abs(text.length - meant.length) >= fewest) continue;
    const edits = distance(meant, text);
    if (edits < fewest) {
      fewest = edits;
      best = candidate;
    }
  }
  return best;
}
