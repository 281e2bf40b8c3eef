import { BadArgumentError, type NDArray, ndarray, sizeOf } from '@ntk-lens/core';
import type { ParameterRef } from '../sites/parameter-ref.js';

/**
 * The part of a parameter that a site uses: rows of the first axis or a range of an axis, copied; the array
 * itself where the site uses all of it.
 *
 * @example
 * ```ts
 * takePart(ndarray(Float32Array.of(1, 2, 3, 4), [2, 2]), { axis: 1, start: 1, size: 1 }); // [[2], [4]]
 * ```
 * @throws BadArgumentError for rows or ranges outside the array
 */
export const takePart = (array: NDArray<'float32'>, part: ParameterRef['part']): NDArray<'float32'> => {
  if (part === undefined) return array;
  const { shape, data } = array;
  if ('rows' in part) {
    const width = sizeOf(shape.slice(1));
    const taken = new Float32Array(part.rows.length * width);
    for (const [i, row] of part.rows.entries()) {
      if (!(row >= 0 && row < shape[0]!))
        throw new BadArgumentError('row of a parameter', row, `below ${shape[0]}`);
      taken.set(data.subarray(row * width, (row + 1) * width), i * width);
    }
    return ndarray(taken, [part.rows.length, ...shape.slice(1)]);
  }
  const { axis, start, size } = part;
  const length = shape[axis] ?? 0;
  if (start < 0 || size < 1 || start + size > length) {
    throw new BadArgumentError('range of a parameter', `${start}…${start + size}`, `within 0…${length}`);
  }
  const width = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  const taken = new Float32Array(outer * size * width);
  for (let i = 0; i < outer; i++) {
    const from = (i * length + start) * width;
    taken.set(data.subarray(from, from + size * width), i * size * width);
  }
  return ndarray(
    taken,
    shape.map((n, i) => (i === axis ? size : n)),
  );
};

/**
 * The inverse: adds numbers that belong to a part of a parameter at their places in the whole.
 *
 * @param whole numbers of the parameter, changed in place
 */
export const addPart = (
  whole: Float32Array | Float64Array,
  { shape, part }: ParameterRef,
  values: ArrayLike<number>,
): void => {
  const add = (at: number, from: number, count: number) => {
    for (let i = 0; i < count; i++) whole[at + i]! += values[from + i]!;
  };
  if (part === undefined) add(0, 0, values.length);
  else if ('rows' in part) {
    const width = sizeOf(shape.slice(1));
    for (const [i, row] of part.rows.entries()) add(row * width, i * width, width);
  } else {
    const inner = sizeOf(shape.slice(part.axis + 1));
    const count = part.size * inner;
    for (let from = 0, outer = 0; from < values.length; from += count, outer++)
      add((outer * shape[part.axis]! + part.start) * inner, from, count);
  }
};
