/** Longer texts are no misspelt names. */
const LENGTH_MAX = 64;

/**
 * The name that was probably meant: the one that differs least, case apart, by at most a third of its letters (left out,
 * put in, taken for another, or swapped with a neighbour). Undefined where none is so near, or two are as near as another.
 */
export function closestName(given: string, names: readonly string[]): string | undefined {
  if (given.length > LENGTH_MAX) return undefined;
  const wanted = given.toLowerCase();
  const near = names
    .filter((name) => name.length <= LENGTH_MAX)
    .map((name) => ({ name, changes: changesBetween(wanted, name.toLowerCase()) }))
    .filter(({ name, changes }) => changes <= Math.max(1, Math.floor(name.length / 3)) && changes < name.length)
    .toSorted((one, other) => one.changes - other.changes);
  const [first, second] = near;
  return first === undefined || first.changes === second?.changes ? undefined : first.name;
}

/** The sentence that asks for it, for an error's hint; undefined where there is nothing to ask for. */
export function didYouMean(given: string, names: readonly string[]): string | undefined {
  const name = closestName(given, names);
  return name === undefined ? undefined : `Did you mean ${name}?`;
}

/** Optimal string alignment distance (Damerau and Levenshtein, no letter changed twice). */
function changesBetween(one: string, other: string): number {
  let before: number[] = [];
  let above = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row++) {
    const line = [row];
    for (let at = 1; at <= other.length; at++) {
      const same = one[row - 1] === other[at - 1];
      let least = Math.min(above[at]! + 1, line[at - 1]! + 1, above[at - 1]! + (same ? 0 : 1));
      if (row > 1 && at > 1 && one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1]) {
        least = Math.min(least, before[at - 2]! + 1);
      }
      line.push(least);
    }
    [before, above] = [above, line];
  }
  return above[other.length]!;
}
