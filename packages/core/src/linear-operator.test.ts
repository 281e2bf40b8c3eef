import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnOf, fromColumns, linearOperator, ndarray } from './index.js';

/** The operator of a matrix `[rows, columns]`. */
const operatorOf = (matrix: Float64Array, rows: number, columns: number) => {
  const entry = (i: number, j: number) => matrix[i * columns + j]!;
  const product =
    (n: number, of: (i: number, p: number) => number) =>
    async (x: { shape: readonly number[]; data: Float64Array }) => {
      const [depth, k] = x.shape as [number, number];
      const y = new Float64Array(n * k);
      for (let i = 0; i < n; i++)
        for (let p = 0; p < depth; p++)
          for (let j = 0; j < k; j++) y[i * k + j]! += of(i, p) * x.data[p * k + j]!;
      return ndarray<'float64'>(y, [n, k]);
    };
  return linearOperator(
    [rows, columns],
    product(rows, entry),
    product(columns, (j, i) => entry(i, j)),
  );
};

const size = fc.integer({ min: 1, max: 5 });
const number = fc.integer({ min: -9, max: 9 });

test('all products of an operator are those of its matrix', async () => {
  await fc.assert(
    fc.asyncProperty(size, size, fc.infiniteStream(number), async (rows, columns, numbers) => {
      const draw = (n: number) => Float64Array.from({ length: n }, () => numbers.next().value!);
      const matrix = draw(rows * columns);
      const a = operatorOf(matrix, rows, columns);
      expect((await a.toDense()).data).toEqual(matrix);
      const [x, y] = [draw(columns), draw(rows)];
      const [ax, aty] = [await a.matvec(x), await a.rmatvec(y)];
      const dot = (u: Float64Array, v: Float64Array) => u.reduce((sum, value, i) => sum + value * v[i]!, 0);
      expect(dot(y, ax)).toBe(dot(aty, x));
      const both = await a.matmat(fromColumns([x, x.map((value) => 2 * value)]));
      expect(columnOf(both, 0)).toEqual(ax);
      expect(columnOf(both, 1)).toEqual(ax.map((value) => 2 * value));
    }),
  );
});

test('vectors of another length, and numbers that are not finite, are refused', async () => {
  const a = operatorOf(Float64Array.of(1, 2, 3, 4, 5, 6), 2, 3);
  await expect(a.matvec(new Float64Array(2))).rejects.toThrow('x: found "2 numbers", expected 3.');
  await expect(a.rmatvec(new Float64Array(3))).rejects.toThrow('expected 2');
  await expect(a.matmat(fromColumns([[1, 2]]))).rejects.toThrow('shape [2,1]');
  await expect(a.matvec(Float64Array.of(1, Number.NaN, 0))).rejects.toThrow('NaN at 1');
});
