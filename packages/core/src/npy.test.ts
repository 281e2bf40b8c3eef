import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isError } from './errors.js';
import { type NDArray, ndarray } from './ndarray.js';
import { decodeNpy, encodeNpy, NpyFormatError } from './npy.js';

const arrays: fc.Arbitrary<NDArray> = fc
  .array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
  .chain((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return fc
      .array(fc.double({ noNaN: true }), { minLength: size, maxLength: size })
      .map((values) => ndarray(Float64Array.from(values), shape));
  });

test('decode undoes encode', () => {
  fc.assert(
    fc.property(arrays, (array) => {
      expect(decodeNpy(encodeNpy(array))).toEqual(array);
    }),
  );
});

test('the header ends on a multiple of 64 bytes, as NumPy writes it', () => {
  const bytes = encodeNpy(ndarray(new Float64Array(6), [2, 3]));
  expect((bytes.length - 48) % 64).toBe(0);
});

test('mutated files decode or fail with a typed error', () => {
  fc.assert(
    fc.property(arrays, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat(), (array, at, value, cut) => {
      const bytes = encodeNpy(array);
      bytes[at % bytes.length] = value;
      try {
        decodeNpy(bytes.subarray(0, bytes.length - (cut % 3)));
      } catch (error) {
        expect(isError(error, NpyFormatError)).toBe(true);
      }
    }),
  );
});
