import { BadArgumentError } from './errors.js';
import { firstNonFinite, type NDArray, ndarray, zeros } from './ndarray.js';
import type { LongTaskOptions } from './progress.js';

/**
 * A matrix A that is known by its products, in the manner of SciPy's `LinearOperator`. Solvers that iterate need no more, so
 * they take a kernel that is never written out.
 *
 * @example
 * ```ts
 * const y = await operator.matvec(new Float64Array(operator.shape[1]).fill(1)); // the sums of A's rows
 * ```
 */
export interface LinearOperator {
  readonly shape: readonly [rows: number, columns: number];
  /** A x, `[rows]`. @throws BadArgumentError for another length, and for numbers that are not finite */
  matvec(x: Float64Array, options?: LongTaskOptions): Promise<Float64Array>;
  /** Aᵀ y, `[columns]`. @throws what `matvec` throws */
  rmatvec(y: Float64Array, options?: LongTaskOptions): Promise<Float64Array>;
  /** A X of X `[columns, k]`: `[rows, k]`. Several products at once may cost less than one by one. */
  matmat(x: NDArray<'float64'>, options?: LongTaskOptions): Promise<NDArray<'float64'>>;
  /** Aᵀ Y of Y `[rows, k]`: `[columns, k]`. */
  rmatmat(y: NDArray<'float64'>, options?: LongTaskOptions): Promise<NDArray<'float64'>>;
  /** A itself, `[rows, columns]`: for few rows, and for comparisons. */
  toDense(options?: LongTaskOptions): Promise<NDArray<'float64'>>;
}

type Product = LinearOperator['matmat'];

/**
 * An operator made of the products with several vectors; all others follow from them.
 *
 * @example
 * ```ts
 * const twice = linearOperator([3, 3], async (x) => ({ ...x, data: x.data.map((value) => 2 * value) }));
 * await twice.matvec(Float64Array.of(1, 2, 3)); // [2, 4, 6]
 * ```
 * @param matmat A X; it may rely on the shape of X and on finite numbers
 * @param rmatmat Aᵀ Y. Default: A is symmetric
 */
export const linearOperator = (
  shape: readonly [rows: number, columns: number],
  matmat: Product,
  rmatmat: Product = matmat,
): LinearOperator => {
  const [rows, columns] = shape;
  const checked =
    (product: Product, length: number): Product =>
    async (x, options) => {
      if (x.shape.length !== 2 || x.shape[0] !== length)
        throw new BadArgumentError('x', `shape [${x.shape}]`, `[${length}, k], one row for each column`);
      const at = firstNonFinite(x.data);
      if (at >= 0) throw new BadArgumentError('x', `${x.data[at]} at ${at}`, 'finite numbers');
      return product(x, options);
    };
  const single =
    (product: Product, length: number): LinearOperator['matvec'] =>
    async (x, options) => {
      if (x.length !== length) throw new BadArgumentError('x', `${x.length} numbers`, `${length}`);
      return (await product(ndarray<'float64'>(x, [length, 1]), options)).data;
    };
  const times = checked(matmat, columns);
  const timesTransposed = checked(rmatmat, rows);
  return {
    shape,
    matvec: single(times, columns),
    rmatvec: single(timesTransposed, rows),
    matmat: times,
    rmatmat: timesTransposed,
    toDense: (options) => times(identity(columns), options),
  };
};

const identity = (size: number): NDArray<'float64'> => {
  const array = zeros('float64', [size, size]);
  for (let i = 0; i < size; i++) array.data[i * (size + 1)] = 1;
  return array;
};

/** Column j of `[n, k]`. */
export const columnOf = ({ data, shape }: NDArray<'float64'>, j: number): Float64Array => {
  const [n, k] = shape as [number, number];
  const column = new Float64Array(n);
  for (let i = 0; i < n; i++) column[i] = data[i * k + j]!;
  return column;
};

/** Columns of equal length side by side, `[n, k]`. */
export const fromColumns = (columns: readonly ArrayLike<number>[]): NDArray<'float64'> => {
  const k = columns.length;
  const joined = zeros('float64', [columns[0]?.length ?? 0, k]);
  for (const [j, column] of columns.entries())
    for (let i = 0; i < column.length; i++) joined.data[i * k + j] = column[i]!;
  return joined;
};
