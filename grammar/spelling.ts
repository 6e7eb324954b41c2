/** Owns "did you mean": which of the known names lies closest to one that is unknown. Knows nothing of what the names mean. */

/**
 * The candidate nearest to `name`, if one is near enough to be offered; the earlier one at a tie.
 * Near enough: at most one edit in 3 to 5 letters, two in 6 to 8, three beyond; names of one or two letters match in another case only.
 * Source: optimal string alignment, the restricted form of Damerau (1964): insert, delete, replace, swap neighbours.
 */
export function closest(name: string, candidates: readonly string[]): string | undefined {
  const letters = [...name];
  const bound = letters.length <= 2 ? 0 : letters.length <= 5 ? 1 : letters.length <= 8 ? 2 : 3;
  let best: string | undefined;
  let bestDistance = bound + 1;
  for (const candidate of candidates) {
    if (candidate === name) continue;
    if (candidate.toLowerCase() === name.toLowerCase()) return candidate;
    const distance = editDistance(letters, [...candidate], bestDistance - 1);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The number of edits between two words, or `bound + 1` as soon as it is sure to exceed the bound. */
function editDistance(a: readonly string[], b: readonly string[], bound: number): number {
  if (Math.abs(a.length - b.length) > bound) return bound + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    let rowMinimum = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (beforePrevious[j - 2] ?? 0) + 1);
      current.push(cost);
      rowMinimum = Math.min(rowMinimum, cost);
    }
    if (rowMinimum > bound) return bound + 1;
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? bound + 1;
}
