/** A matrix `[n, m]` whose rows and columns are examples with labels. */
export interface LabelledMatrix {
  readonly values: ArrayLike<number>;
  readonly rows: ArrayLike<number>;
  readonly columns: ArrayLike<number>;
}

/** Sorted before it is summed: the same number in whatever order the values come. */
const mean = (values: readonly number[]): number =>
  Float64Array.from(values)
    .sort()
    .reduce((sum, value) => sum + value / values.length, 0);

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
  const row = (i: number) => Array.from({ length: m }, (_, j) => values[i * m + j]!);
  const column = (j: number) => Array.from({ length: n }, (_, i) => values[i * m + j]!);
  const score = (own: readonly number[], label: number, others: ArrayLike<number>): number =>
    mean(own.filter((_, k) => others[k] === label)) - mean(own.filter((_, k) => others[k] !== label));
  const rowOrder = ordered(
    Array.from(rows, (label, index) => {
      const own = row(index);
      return { index, label, score: score(own, label, columns), tie: Float64Array.from(own).sort() };
    }),
  );
  const columnOrder = ordered(
    Array.from(columns, (label, index) => {
      const own = column(index);
      return { index, label, score: score(own, label, rows), tie: rowOrder.map((i) => own[i]!) };
    }),
  );
  return { rows: rowOrder, columns: columnOrder };
};

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
  const placesOf = (labels: ArrayLike<number>, label: number): number[] =>
    Array.from(labels, (own, k) => (own === label ? k : -1)).filter((k) => k >= 0);
  return labelSpans(rows).map((row) =>
    labelSpans(columns).map((column) =>
      mean(
        placesOf(rows, row.label).flatMap((i) =>
          placesOf(columns, column.label).map((j) => values[i * m + j]!),
        ),
      ),
    ),
  );
};
