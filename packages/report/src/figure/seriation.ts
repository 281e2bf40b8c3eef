/** A matrix `[n, m]` whose rows and columns are examples with labels. */
export interface LabelledMatrix {
  readonly values: ArrayLike<number>;
  readonly rows: ArrayLike<number>;
  readonly columns: ArrayLike<number>;
}

/** The mean of numbers of the caller's own, which are sorted before they are summed: it is the same in whatever order they come. */
const mean = (values: Float64Array): number => {
  let sum = 0;
  for (const value of values.sort()) sum += value / values.length;
  return sum;
};

/** Places of a label, and those of all others. */
const placesOf = (labels: ArrayLike<number>, label: number): readonly [number[], number[]] => {
  const places: [number[], number[]] = [[], []];
  for (let k = 0; k < labels.length; k++) places[labels[k] === label ? 0 : 1].push(k);
  return places;
};

const compare = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return a[k]! - b[k]!;
  return 0;
};

/** One example along a side, with what it is ordered by. */
interface Entry {
  readonly index: number;
  readonly label: number;
  readonly score: number;
  /** Orders examples of one label and score. */
  readonly tie: ArrayLike<number>;
}

const ordered = (entries: readonly Entry[]): number[] =>
  [...entries]
    .sort((a, b) => a.label - b.label || b.score - a.score || compare(b.tie, a.tie) || a.index - b.index)
    .map(({ index }) => index);

/**
 * The order in which a kernel's rows and columns are drawn: by label, and within a label by the score of the
 * nearest class mean in feature space, from the highest to the lowest. That score is the mean of K over
 * examples of the own label on the other side minus the mean over the others. Typical examples come first,
 * those that resemble another label last. The order depends on the examples, never on the order in which they
 * are given: equal scores are ordered by the values.
 */
export const seriate = ({ values, rows, columns }: LabelledMatrix): { rows: number[]; columns: number[] } => {
  const [n, m] = [rows.length, columns.length];
  const row = (i: number) => Float64Array.from({ length: m }, (_, j) => values[i * m + j]!);
  const column = (j: number) => Float64Array.from({ length: n }, (_, i) => values[i * m + j]!);
  const scored = (sides: ArrayLike<number>) => {
    const places = new Map([...new Set(Array.from(sides))].map((label) => [label, placesOf(sides, label)]));
    const all = Array.from(sides, (_, k) => k);
    return (own: Float64Array, label: number): number => {
      const [same, others] = places.get(label) ?? [[], all];
      return mean(taken(own, same)) - mean(taken(own, others));
    };
  };
  const rowScore = scored(columns);
  const rowOrder = ordered(
    Array.from(rows, (label, index) => {
      const own = row(index);
      return { index, label, score: rowScore(own, label), tie: own.sort() };
    }),
  );
  const columnScore = scored(rows);
  const columnOrder = ordered(
    Array.from(columns, (label, index) => {
      const own = column(index);
      return { index, label, score: columnScore(own, label), tie: taken(own, rowOrder) };
    }),
  );
  return { rows: rowOrder, columns: columnOrder };
};

const taken = (values: Float64Array, places: readonly number[]): Float64Array =>
  Float64Array.from(places, (k) => values[k]!);

/** Where each label's examples stand in the order, from `start` up to `end`. */
export const labelSpans = (labels: ArrayLike<number>): { label: number; start: number; end: number }[] => {
  const sorted = Array.from(labels).sort((a, b) => a - b);
  return [...new Set(sorted)].map((label) => ({
    label,
    start: sorted.indexOf(label),
    end: sorted.lastIndexOf(label) + 1,
  }));
};

/** Mean of each pair of labels that occur, `[row labels][column labels]`. */
export const blockMeans = ({ values, rows, columns }: LabelledMatrix): number[][] => {
  const m = columns.length;
  const sides = labelSpans(columns).map(({ label }) => placesOf(columns, label)[0]);
  return labelSpans(rows).map(({ label }) => {
    const [own] = placesOf(rows, label);
    return sides.map((side) => {
      const block = new Float64Array(own.length * side.length);
      let k = 0;
      for (const i of own) for (const j of side) block[k++] = values[i * m + j]!;
      return mean(block);
    });
  });
};
