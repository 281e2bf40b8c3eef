import type { ReadOptions } from '@ntk-lens/checkpoints';
import { BadArgumentError, type NDArray, ndarray, sizeOf } from '@ntk-lens/core';
import { lengthOf, type ParameterRef, startsOf, usedShape } from '../sites/parameter-ref.js';

type PartOf = Pick<ParameterRef, 'shape' | 'part'>;

/**
 * Calls `run` with every stretch of numbers that lies together in a parameter and in a part of it: its places there, and
 * how many numbers it has.
 */
const eachRun = (
  { shape, part }: PartOf,
  run: (whole: number, taken: number, count: number) => void,
): void => {
  if (part === undefined) run(0, 0, sizeOf(shape));
  else if ('rows' in part) {
    const width = sizeOf(shape.slice(1));
    for (const [i, row] of part.rows.entries()) run(row * width, i * width, width);
  } else {
    const width = sizeOf(shape.slice(part.axis + 1));
    const count = part.size * width;
    const starts = startsOf(part);
    let taken = 0;
    for (let outer = 0; outer < sizeOf(shape.slice(0, part.axis)); outer++)
      for (const start of starts) {
        run((outer * shape[part.axis]! + start) * width, taken, count);
        taken += count;
      }
  }
};

const refuseOutside = ({ shape, part }: PartOf): void => {
  if (part === undefined) return;
  if ('rows' in part) {
    for (const row of part.rows)
      if (!(row >= 0 && row < shape[0]!))
        throw new BadArgumentError('row of a parameter', row, `below ${shape[0]}`);
    return;
  }
  const { axis, start, size, stride = size } = part;
  const length = shape[axis] ?? 0;
  const end = (startsOf(part).at(-1) ?? length) + size;
  if (start < 0 || size < 1 || stride < size || lengthOf(part) < 1 || end > length)
    throw new BadArgumentError('range of a parameter', `${start}…${end}`, `within 0…${length}`);
};

/**
 * The part of a parameter that a site uses: rows of the first axis or ranges of an axis, copied; the array
 * itself where the site uses all of it.
 *
 * @example
 * ```ts
 * takePart(ndarray(Float32Array.of(1, 2, 3, 4), [2, 2]), { axis: 1, start: 1, size: 1 }).data; // [2, 4]
 * ```
 * @param allocate gives memory for a copy
 * @throws BadArgumentError for rows or ranges outside the array
 */
export const takePart = (
  array: NDArray<'float32'>,
  part: ParameterRef['part'],
  allocate: ReadOptions['allocate'] = (bytes) => new ArrayBuffer(bytes),
): NDArray<'float32'> => {
  if (part === undefined) return array;
  const { shape, data } = array;
  refuseOutside({ shape, part });
  const taken = usedShape({ name: '', shape, part });
  const numbers = new Float32Array(allocate(4 * sizeOf(taken)));
  eachRun({ shape, part }, (from, to, count) => numbers.set(data.subarray(from, from + count), to));
  return ndarray(numbers, taken);
};

/**
 * The inverse: adds numbers that belong to a part of a parameter at their places in the whole.
 *
 * @param whole numbers of the parameter, changed in place
 * @param scale factor of the numbers
 */
export const addPart = (
  whole: Float32Array | Float64Array,
  ref: PartOf,
  values: ArrayLike<number>,
  scale = 1,
): void =>
  eachRun(ref, (to, from, count) => {
    for (let i = 0; i < count; i++) whole[to + i]! += scale * values[from + i]!;
  });

/**
 * The same in place of what is there.
 *
 * @param whole numbers of the parameter, changed in place
 */
export const putPart = (whole: Float32Array, ref: PartOf, values: Float32Array): void =>
  eachRun(ref, (to, from, count) => whole.set(values.subarray(from, from + count), to));
