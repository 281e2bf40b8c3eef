import { agnes } from 'ml-hclust';

/** Orders of the rows and columns of a matrix `[n, m]`, as lists of indices. */
export interface Orders {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

const inOrder = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const byScore = (scores: Float64Array): number[] =>
  inOrder(scores.length).sort((a, b) => scores[b]! - scores[a]! || a - b);

/** The leaves of a tree of average-linkage clusters of vectors. */
const clustered = (vectors: readonly Float64Array[]): number[] => {
  if (vectors.length < 3) return inOrder(vectors.length);
  const squares = vectors.map((v) => v.reduce((sum, x) => sum + x * x, 0));
  const distances = vectors.map(() => new Array<number>(vectors.length).fill(0));
  for (const [i, a] of vectors.entries())
    for (let j = 0; j < i; j++) {
      const b = vectors[j]!;
      let product = 0;
      for (let k = 0; k < a.length; k++) product += a[k]! * b[k]!;
      const distance = Math.sqrt(Math.max(0, squares[i]! + squares[j]! - 2 * product));
      distances[i]![j] = distance;
      distances[j]![i] = distance;
    }
  return agnes(distances, { method: 'average', isDistanceMatrix: true }).indices();
};

/** Rows and columns next to those that resemble them: the leaves of trees of clusters. */
export const clusterOrder = (values: Float64Array, n: number, m: number): Orders => ({
  rows: clustered(inOrder(n).map((i) => values.slice(i * m, (i + 1) * m))),
  columns: clustered(inOrder(m).map((j) => Float64Array.from({ length: n }, (_, i) => values[i * m + j]!))),
});

/** Steps of the power iteration; neighbours in the order need no digits. */
const ITERATIONS = 60;

/** Rows and columns along the leading pair of singular vectors: the direction in which they differ most. */
export const similarityOrder = (values: Float64Array, n: number, m: number): Orders => {
  let column: Float64Array = Float64Array.from({ length: m }, (_, j) => 1 + 0.5 * Math.sin(j + 1));
  let row: Float64Array = new Float64Array(n);
  for (let step = 0; step < ITERATIONS; step++) {
    row = normalized(row.map((_, i) => dot(values, i * m, 1, column)));
    column = normalized(column.map((_, j) => dot(values, j, m, row)));
  }
  return { rows: byScore(row), columns: byScore(column) };
};

const dot = (values: Float64Array, start: number, stride: number, vector: Float64Array): number => {
  let sum = 0;
  for (let k = 0; k < vector.length; k++) sum += values[start + k * stride]! * vector[k]!;
  return sum;
};

const normalized = (vector: Float64Array): Float64Array => {
  const size = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0)) || 1;
  return vector.map((x) => x / size);
};
