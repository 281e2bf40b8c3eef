import { BadArgumentError, firstNonFinite, type NDArray } from '@ntk-lens/core';

/** Checks that `array` is `[N, C]`, C ≥ 1, all finite; returns C. */
export const labelCount = (name: string, array: NDArray): number => {
  const [, labels = 0] = array.shape;
  if (array.shape.length !== 2 || labels < 1) {
    throw new BadArgumentError(name, `shape [${array.shape}]`, '[examples, labels]');
  }
  const bad = firstNonFinite(array.data);
  if (bad >= 0) throw new BadArgumentError(name, `${array.data[bad]} at element ${bad}`, 'finite numbers');
  return labels;
};

/** log softmax over each row of `[N, C]`. */
export const logSoftmaxRows = (array: NDArray, labels: number): Float64Array => {
  const rows = Float64Array.from(array.data);
  for (let start = 0; start < rows.length; start += labels) {
    const row = rows.subarray(start, start + labels);
    const most = row.reduce((a, b) => Math.max(a, b));
    const logSum = most + Math.log(row.reduce((sum, value) => sum + Math.exp(value - most), 0));
    for (let c = 0; c < labels; c++) row[c]! -= logSum;
  }
  return rows;
};
