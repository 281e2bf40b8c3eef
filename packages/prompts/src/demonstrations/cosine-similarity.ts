import { BadArgumentError, firstNonFinite, type NDArray } from '@ntk-lens/core';

/**
 * Cosine similarities of every query to every pool example.
 *
 * @param queries embeddings `[Q, d]`
 * @param pool embeddings `[P, d]`
 * @returns float64 `[Q, P]`; 0 where an embedding is the zero vector
 * @throws BadArgumentError if shapes do not fit or a value is not finite
 */
export const cosineSimilarity = (queries: NDArray, pool: NDArray): NDArray<'float64'> => {
  const [q = 0, width = 0] = queries.shape;
  const [p = 0] = pool.shape;
  for (const [name, array] of [
    ['queries', queries],
    ['pool', pool],
  ] as const) {
    if (array.shape.length !== 2 || array.shape[1] !== width) {
      throw new BadArgumentError(`${name} embeddings`, `shape [${array.shape}]`, `[examples, ${width}]`);
    }
    const bad = firstNonFinite(array.data);
    if (bad >= 0) throw new BadArgumentError(`${name} embeddings`, array.data[bad], 'finite numbers');
  }
  const unit = ({ data }: NDArray, count: number): Float64Array => {
    const rows = Float64Array.from(data);
    for (let i = 0; i < count; i++) {
      const row = rows.subarray(i * width, (i + 1) * width);
      const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
      if (norm > 0) for (let k = 0; k < width; k++) row[k]! /= norm;
    }
    return rows;
  };
  const a = unit(queries, q);
  const b = unit(pool, p);
  const data = new Float64Array(q * p);
  for (let i = 0; i < q; i++) {
    for (let j = 0; j < p; j++) {
      let dot = 0;
      for (let k = 0; k < width; k++) dot += a[i * width + k]! * b[j * width + k]!;
      data[i * p + j] = dot;
    }
  }
  return { dtype: 'float64', shape: [q, p], data };
};
