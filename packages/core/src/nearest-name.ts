/** Texts longer than any name are compared by their beginning, so that a whole file as a name costs nothing. */
const MOST = 64;

const normal = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .slice(0, MOST);

/** Insertions, deletions, changes, and swaps of neighbours that lead from one text to the other. */
const editDistance = (a: string, b: string): number => {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const change = row[j - 1]! + (same ? 0 : 1);
      const least = Math.min(change, row[j]! + 1, next[j - 1]! + 1);
      next.push(swapped ? Math.min(least, before[j - 2]! + 1) : least);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
};

const isBeginning = (short: string, long: string): boolean => short.length > 2 && long.startsWith(short);

/**
 * The known name that somebody who wrote another one most likely meant. Case and signs do not count. One of the two is the
 * beginning of the other, of at least three letters and, where it is the known one, half as long. Else at most a third of
 * the letters differ; a swap of neighbours counts as one.
 *
 * @example
 * ```ts
 * nearestName('sentimant', ['topic', 'sentiment']); // 'sentiment'
 * ```
 * @returns undefined where no name is near
 */
export const nearestName = <T extends string>(found: string, known: readonly T[]): T | undefined => {
  const wanted = normal(found);
  if (wanted === '') return undefined;
  let best: T | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of known) {
    const other = normal(name);
    const begins =
      isBeginning(wanted, other) || (isBeginning(other, wanted) && wanted.length <= 2 * other.length);
    const distance = begins ? 0.5 : editDistance(wanted, other);
    const most = begins ? 1 : Math.floor((Math.max(wanted.length, other.length) + 1) / 3);
    if (distance <= most && distance < least) [best, least] = [name, distance];
  }
  return best;
};

/**
 * The question after an error about a name that is not known, with a space before it.
 *
 * @example
 * ```ts
 * `Task "${name}" is not known.${didYouMean(name, ['topic', 'sentiment'])}`;
 * ```
 * @returns '' where no name is near
 */
export const didYouMean = (found: string, known: readonly string[]): string => {
  const name = nearestName(found, known);
  return name === undefined || name === found ? '' : ` Did you mean "${name}"?`;
};
