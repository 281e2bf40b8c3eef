import { type LabelledMatrix, labelSpans, seriate } from '../../figure/seriation.js';

/** A matrix whose rows and columns stand for one example, or for several that are averaged. */
export interface AveragedMatrix {
  readonly values: Float64Array;
  /** Indices of the examples of each row and column. */
  readonly rows: readonly (readonly number[])[];
  readonly columns: readonly (readonly number[])[];
  readonly rowGroups: readonly number[];
  readonly columnGroups: readonly number[];
}

/** Neighbours of one label in an order, so many together that at most `most` parts are left. */
export const parted = (order: readonly number[], groups: ArrayLike<number>, most: number): number[][] => {
  const spans = labelSpans(groups);
  let together = Math.max(1, Math.ceil(order.length / most));
  const count = (): number =>
    spans.reduce((sum, { start, end }) => sum + Math.ceil((end - start) / together), 0);
  while (count() > Math.max(most, spans.length)) together++;
  return spans.flatMap(({ start, end }) =>
    Array.from({ length: Math.ceil((end - start) / together) }, (_, i) =>
      order.slice(start + i * together, Math.min(end, start + (i + 1) * together)),
    ),
  );
};

/**
 * Rows and columns in the order of labels and of likeness to them ({@link seriate}), averaged where there are more than `most`.
 * Only neighbours of one label are averaged.
 */
export const averaged = (matrix: LabelledMatrix, most: number): AveragedMatrix => {
  const order = seriate(matrix);
  const rows = parted(order.rows, matrix.rows, most);
  const columns = parted(order.columns, matrix.columns, most);
  const m = matrix.columns.length;
  const values = new Float64Array(rows.length * columns.length);
  for (const [i, row] of rows.entries())
    for (const [j, column] of columns.entries()) {
      let sum = 0;
      for (const r of row) for (const c of column) sum += matrix.values[r * m + c]!;
      values[i * columns.length + j] = sum / (row.length * column.length);
    }
  return {
    ...{ values, rows, columns },
    rowGroups: rows.map(([first]) => matrix.rows[first!]!),
    columnGroups: columns.map(([first]) => matrix.columns[first!]!),
  };
};
