import type { Formula, NDArray } from '@ntk-lens/core';
import type { BlockAxis } from './kernel-accumulator.js';

/** Gradients of one batch with respect to a large table, as rows by token id: `[C][example] → id → row`. */
export type TableGradients = readonly (readonly ReadonlyMap<number, Float32Array>[])[];

/**
 * Sums the cotangents of equal tokens: ∂row_i = Σ_{t : id_t = i} b_t.
 *
 * @param e cotangents of the embedding's output, `[C, n, T, d]`
 * @param ids token ids of each example, without padding
 */
export const tableGradients = (e: NDArray, ids: readonly (readonly number[])[]): TableGradients => {
  const [outputs, n, length, width] = e.shape as [number, number, number, number];
  return Array.from({ length: outputs }, (_, c) =>
    Array.from({ length: n }, (_, i) => {
      const rows = new Map<number, Float32Array>();
      for (const [t, id] of ids[i]!.entries()) {
        const start = ((c * n + i) * length + t) * width;
        const cotangent = e.data.subarray(start, start + width) as Float32Array;
        const row = rows.get(id);
        if (!row) rows.set(id, cotangent.slice());
        else for (let k = 0; k < width; k++) row[k]! += cotangent[k]!;
      }
      return rows;
    }),
  );
};

/** The same rows with every entry replaced by its sign. */
const tableSigns = (gradients: TableGradients): TableGradients =>
  gradients.map((examples) =>
    examples.map((rows) => new Map([...rows].map(([id, row]) => [id, row.map((x) => Math.sign(x))]))),
  );

/** Kernel block `[C·n, C'·m]` of two batches: dot products of the rows that both have. */
const tableGram = (left: TableGradients, right: TableGradients): Float64Array => {
  const rows = left.flat();
  const columns = right.flat();
  const block = new Float64Array(rows.length * columns.length);
  for (const [i, a] of rows.entries()) {
    for (const [j, b] of columns.entries()) {
      let sum = 0;
      for (const [id, x] of a) {
        const y = b.get(id);
        if (y) sum += dot(x, y);
      }
      block[i * columns.length + j] = sum;
    }
  }
  return block;
};

const dot = (x: Float32Array, y: Float32Array): number => {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < x.length; k += 4) {
    s0 += x[k]! * y[k]!;
    s1 += x[k + 1]! * y[k + 1]!;
    s2 += x[k + 2]! * y[k + 2]!;
    s3 += x[k + 3]! * y[k + 3]!;
  }
  for (; k < x.length; k++) s0 += x[k]! * y[k]!;
  return s0 + s1 + s2 + s3;
};

/** A batch's table gradients in the forms that a formula needs on either side. */
export interface TableForms extends BlockAxis {
  readonly plain: TableGradients;
  readonly signs: TableGradients;
}

/** Takes the signs where the formula needs them. */
export const tableForms = (
  plain: TableGradients,
  formula: Formula,
  indices: readonly number[],
): TableForms => ({
  indices,
  plain,
  signs: formula === 'sgd' ? plain : tableSigns(plain),
});

/** Adds the gradients of decoder rows to those of the word embeddings: one parameter, two uses (`tied`). */
export const addDecoderRows = (
  words: TableGradients,
  decoder: TableGradients | undefined,
): TableGradients => {
  if (!decoder) return words;
  return words.map((examples, c) =>
    examples.map((rows, i) => {
      const sum = new Map(rows);
      for (const [id, y] of decoder[c]![i]!) {
        const x = sum.get(id);
        sum.set(id, x ? x.map((value, k) => value + y[k]!) : y);
      }
      return sum;
    }),
  );
};

/** Kernel block of a formula; `flipped` for A-SignGD. */
export const tableBlock = (
  formula: Formula,
  left: TableForms,
  right: TableForms,
): { k: Float64Array; flipped?: Float64Array } => {
  if (formula === 'sgd') return { k: tableGram(left.plain, right.plain) };
  if (formula === 'signgd') return { k: tableGram(left.signs, right.signs) };
  return { k: tableGram(left.signs, right.plain), flipped: tableGram(left.plain, right.signs) };
};
