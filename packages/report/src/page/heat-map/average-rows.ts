import { BLOCK_BYTES, type RowSource, rowBlocks } from '@ntk-lens/core';
import { type AveragedMatrix, parted } from './average.js';

/** Sums of the values of each row, or column, over the labels of the other side. */
interface LabelSums {
  /** `[examples, labels]`. */
  readonly sums: Float64Array;
  /** Mean of each row or column. */
  readonly means: Float64Array;
}

/** Positions of labels among those of both sides, in order, and how many examples have each. */
const labelsOf = (groups: ArrayLike<number>, labels: readonly number[]) => {
  const places = Int32Array.from(groups, (label) => labels.indexOf(label));
  const counts = new Float64Array(labels.length);
  for (const place of places) counts[place]!++;
  return { places, counts };
};
type Labels = ReturnType<typeof labelsOf>;

/**
 * The order of one side, by label. Within a label the highest difference comes first: the mean of the centred values over the own
 * label on the other side, less the mean over the others.
 */
const orderOf = (
  own: Labels,
  other: Labels,
  { sums, means }: LabelSums,
  otherMeans: Float64Array,
  mean: number,
): number[] => {
  const [size, labels] = [otherMeans.length, other.counts.length];
  /** Sums of the other side's means over each label. */
  const meansByLabel = new Float64Array(labels);
  for (const [j, value] of otherMeans.entries()) meansByLabel[other.places[j]!]! += value;
  const scores = means.map((rowMean, i) => {
    const label = own.places[i]!;
    const count = other.counts[label]!;
    const sum = sums[i * labels + label]! - count * rowMean - meansByLabel[label]! + count * mean;
    // The centred values of a row add up to nothing.
    return (count > 0 ? sum / count : 0) + (size > count ? sum / (size - count) : 0);
  });
  return Array.from(means, (_, i) => i).sort(
    (a, b) => own.places[a]! - own.places[b]! || scores[b]! - scores[a]! || a - b,
  );
};

/**
 * Prepares a matrix that is read by rows for a heat map. Row and column means are removed, and rows and columns are ordered as
 * `heatMap` orders them. Neighbours of one label are averaged, so that no more than `most` rows and columns are left. The matrix is
 * read twice, and no more than a block of it is in memory.
 *
 * @example
 * ```ts
 * const { values, rows, columns } = await averagedRows(source, trainLabels, testLabels, 512);
 * ```
 * @param rowGroups label of each row
 * @param columnGroups label of each column
 * @throws what reading rows throws
 */
export const averagedRows = async (
  source: RowSource,
  rowGroups: ArrayLike<number>,
  columnGroups: ArrayLike<number>,
  most: number,
  blockBytes = BLOCK_BYTES,
): Promise<AveragedMatrix> => {
  const [n, m] = source.shape;
  const labels = [...new Set([...Array.from(rowGroups), ...Array.from(columnGroups)])].sort((a, b) => a - b);
  const [left, right] = [labelsOf(rowGroups, labels), labelsOf(columnGroups, labels)];
  const row: LabelSums = { sums: new Float64Array(n * right.counts.length), means: new Float64Array(n) };
  const column: LabelSums = { sums: new Float64Array(m * left.counts.length), means: new Float64Array(m) };
  for await (const { from, count, data } of rowBlocks(source, blockBytes))
    for (let k = 0; k < count; k++) {
      const i = from + k;
      const label = left.places[i]!;
      for (let j = 0; j < m; j++) {
        const value = data[k * m + j]!;
        row.sums[i * right.counts.length + right.places[j]!]! += value;
        column.sums[j * left.counts.length + label]! += value;
        row.means[i]! += value / m;
        column.means[j]! += value / n;
      }
    }
  const mean = row.means.reduce((sum, value) => sum + value / n, 0);
  const order = {
    rows: orderOf(left, right, row, column.means, mean),
    columns: orderOf(right, left, column, row.means, mean),
  };
  const rows = parted(order.rows, rowGroups, most);
  const columns = parted(order.columns, columnGroups, most);
  const values = new Float64Array(rows.length * columns.length);
  const [rowPlaces, columnPlaces] = [placesIn(rows, n), placesIn(columns, m)];
  for await (const { from, count, data } of rowBlocks(source, blockBytes))
    for (let k = 0; k < count; k++) {
      const start = rowPlaces[from + k]! * columns.length;
      for (let j = 0; j < m; j++) values[start + columnPlaces[j]!]! += data[k * m + j]!;
    }
  const meanOver = (members: readonly number[], means: Float64Array): number =>
    members.reduce((sum, i) => sum + means[i]! / members.length, 0);
  const columnMeans = columns.map((members) => meanOver(members, column.means));
  for (const [p, members] of rows.entries()) {
    const rowMean = meanOver(members, row.means);
    for (const [q, others] of columns.entries()) {
      const at = p * columns.length + q;
      values[at] = values[at]! / (members.length * others.length) - rowMean - columnMeans[q]! + mean;
    }
  }
  return {
    ...{ values, rows, columns },
    rowGroups: rows.map(([first]) => rowGroups[first!]!),
    columnGroups: columns.map(([first]) => columnGroups[first!]!),
  };
};

/** The part that each of some examples belongs to. */
const placesIn = (parts: readonly (readonly number[])[], size: number): Int32Array => {
  const places = new Int32Array(size);
  for (const [place, members] of parts.entries()) for (const i of members) places[i] = place;
  return places;
};
