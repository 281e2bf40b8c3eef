import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isError } from '../errors.js';
import { type NDArray, ndarray } from '../ndarray.js';
import { decodeNpy } from './decode-npy.js';
import { encodeNpy } from './encode-npy.js';
import { NpyFormatError } from './errors.js';

/** A file that NumPy wrote, and what is in it (tooling/reference/make_npy_files.py). */
interface NumpyCase {
  readonly name: string;
  readonly file: string;
  readonly dtype?: string;
  readonly shape?: readonly number[];
  readonly data?: readonly (number | string)[];
  readonly refused?: string;
}
const cases = JSON.parse(
  readFileSync(new URL('../../fixtures/npy.json', import.meta.url), 'utf8'),
) as readonly NumpyCase[];
const python: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  nan: Number.NaN,
};

test.each(cases.filter(({ refused }) => refused === undefined))(
  'reads what NumPy wrote: $name',
  ({ file, dtype, shape, data }) => {
    const found = decodeNpy(Buffer.from(file, 'base64'));
    expect([found.dtype, found.shape]).toEqual([dtype, shape]);
    const numbers = data!.map((value) => (typeof value === 'string' ? python[value]! : value));
    expect([...found.data]).toEqual(numbers);
  },
);

test.each(cases.filter(({ refused }) => refused !== undefined))(
  'refuses by name: $name',
  ({ file, refused }) => {
    const read = () => decodeNpy(Buffer.from(file, 'base64'));
    expect(read).toThrow(NpyFormatError);
    expect(read).toThrow(refused);
  },
);

test('a file of another format is named', () => {
  const bytes = (text: string) => new TextEncoder().encode(text.padEnd(20));
  const read = (text: string) => () => decodeNpy(bytes(text));
  expect(read('PK\x03\x04')).toThrow(/a zip archive, as .npz files are.*Save each array/);
  expect(read('version https://git-lfs.github.com/spec/v1')).toThrow(/Git LFS.*git lfs pull/);
  expect(read('\n<!DOCTYPE html>')).toThrow(/page of a website.*download the file itself/);
});

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
  const files = cases.map(({ file }) => Buffer.from(file, 'base64'));
  const any = fc.oneof(arrays.map(encodeNpy), fc.constantFrom(...files));
  fc.assert(
    fc.property(any, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat(), (file, at, value, cut) => {
      const bytes = Uint8Array.from(file);
      bytes[at % bytes.length] = value;
      try {
        decodeNpy(bytes.subarray(0, bytes.length - (cut % 3)));
      } catch (error) {
        expect(isError(error, NpyFormatError)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});
