import { expect, test } from 'vitest';

test('arrays of numbers are equal where their types and all their numbers are', () => {
  const numbers = [1, -0, Number.NaN, Number.POSITIVE_INFINITY];
  const one = { data: Float32Array.from(numbers), shape: [4] };
  expect(one).toEqual({ data: Float32Array.from(numbers), shape: [4] });
  expect(one).toStrictEqual({ data: Float32Array.from(numbers), shape: [4] });
  for (const data of [
    Float64Array.from(numbers),
    Float32Array.from(numbers.slice(1)),
    Float32Array.from(numbers, (x) => x + 0),
    Float32Array.from(numbers, (x) => (Number.isNaN(x) ? 0 : x)),
    new DataView(Float32Array.from(numbers).buffer),
  ])
    expect(one).not.toEqual({ data, shape: [4] });
  expect(() => expect(Uint8Array.of(1, 2)).toEqual(Uint8Array.of(1, 3))).toThrow(
    /\[ 1, 2 \] to deeply equal/,
  );
});
