import { type NDArray, ndarray, sizeOf } from '@ntk-lens/core';
import fc from 'fast-check';

/** Shapes of `minRank` to `maxRank` axes of 1 to `longest` elements. */
export const shapes = (minRank: number, maxRank: number, longest = 4): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: longest }), { minLength: minRank, maxLength: maxRank });

/** float32 arrays of a shape, values in a range, few digits so that equal ones occur. */
export const floats = (
  shape: readonly number[],
  [min, max]: readonly [number, number] = [-3, 3],
): fc.Arbitrary<NDArray<'float32'>> =>
  fc
    .array(fc.integer({ min: Math.ceil(min * 16), max: Math.floor(max * 16) }), {
      minLength: sizeOf(shape),
      maxLength: sizeOf(shape),
    })
    .map((values) =>
      ndarray<'float32'>(
        Float32Array.from(values, (n) => n / 16),
        shape,
      ),
    );

/** int32 arrays of a shape. */
export const ints = (
  shape: readonly number[],
  [min, max]: readonly [number, number] = [-5, 5],
): fc.Arbitrary<NDArray<'int32'>> =>
  fc
    .array(fc.integer({ min, max }), { minLength: sizeOf(shape), maxLength: sizeOf(shape) })
    .map((values) => ndarray<'int32'>(Int32Array.from(values), shape));

/** Two shapes that broadcast: some axes of either are 1, and either may have fewer axes. */
export const broadcastingShapes: fc.Arbitrary<readonly [number[], number[]]> = shapes(0, 3).chain((shape) => {
  const narrowed = fc
    .tuple(
      fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      fc.integer({ min: 0, max: shape.length }),
    )
    .map(([ones, drop]) => shape.map((n, i) => (ones[i] ? 1 : n)).slice(drop));
  return fc.tuple(narrowed, narrowed);
});
