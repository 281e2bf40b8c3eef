import { BadArgumentError } from './errors.js';

/** Element types that NTK Lens moves between packages, by their NumPy names. */
export interface DTypeArrays {
  float64: Float64Array;
  float32: Float32Array;
  int32: Int32Array;
  int8: Int8Array;
  uint8: Uint8Array;
}
export type DType = keyof DTypeArrays;

/**
 * A dense array in C order: `data.length` is the product of `shape`. The value that crosses package borders
 * (a `tf.Tensor` never does outside engine and models).
 */
export interface NDArray<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: DTypeArrays[D];
}

const constructors = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  int8: Int8Array,
  uint8: Uint8Array,
} as const;

/** Number of elements of an array of this shape (1 for a scalar, `[]`). */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);

/**
 * Wraps a typed array as an {@link NDArray} without copying.
 *
 * @param data typed array of `sizeOf(shape)` elements
 * @throws BadArgumentError if the sizes differ
 * @example
 * ```ts
 * const gram = ndarray(new Float64Array([2, 1, 1, 2]), [2, 2]);
 * ```
 */
export const ndarray = <D extends DType>(data: DTypeArrays[D], shape: readonly number[]): NDArray<D> => {
  if (data.length !== sizeOf(shape)) {
    throw new BadArgumentError('ndarray', `${data.length} elements`, `${sizeOf(shape)} for shape [${shape}]`);
  }
  return { dtype: dtypeOf(data) as D, shape: [...shape], data };
};

/** An array of zeros. */
export const zeros = <D extends DType>(dtype: D, shape: readonly number[]): NDArray<D> => ({
  dtype,
  shape: [...shape],
  data: new constructors[dtype](sizeOf(shape)) as DTypeArrays[D],
});

/** The dtype of a typed array. */
export const dtypeOf = (data: DTypeArrays[DType]): DType => {
  for (const [dtype, TypedArray] of Object.entries(constructors)) {
    if (data instanceof TypedArray) return dtype as DType;
  }
  throw new BadArgumentError(
    'typed array',
    Object.prototype.toString.call(data),
    Object.keys(constructors).join(', '),
  );
};

/** The same numbers as float64; no copy if they already are. */
export const toFloat64 = (array: NDArray): NDArray<'float64'> =>
  array.dtype === 'float64'
    ? (array as NDArray<'float64'>)
    : { dtype: 'float64', shape: array.shape, data: Float64Array.from(array.data) };

/**
 * True when two shapes are equal.
 *
 * @example
 * ```ts
 * sameShape([2, 3], [2, 3]); // true
 * ```
 */
export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/**
 * Index of the first element that is NaN or infinite, or -1.
 *
 * @example
 * ```ts
 * firstNonFinite([0.5, Number.NaN]); // 1
 * ```
 */
export const firstNonFinite = (data: ArrayLike<number>): number => {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return i;
  return -1;
};
