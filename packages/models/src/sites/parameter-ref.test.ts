import { ndarray, sizeOf } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { takePart } from '../forward/take-part.js';
import {
  type ParameterPart,
  type ParameterRef,
  partKey,
  rangeOf,
  rowsOf,
  usedShape,
  usedSize,
} from './parameter-ref.js';

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });

const refs: fc.Arbitrary<ParameterRef> = shapes.chain((shape) => {
  const rows = fc
    .array(fc.nat({ max: shape[0]! - 1 }), { minLength: 1, maxLength: 5 })
    .map((list) => ({ rows: list }));
  const ranges = fc.nat({ max: shape.length - 1 }).chain((axis) =>
    fc.nat({ max: shape[axis]! - 1 }).chain((start) =>
      fc.record({
        axis: fc.constant(axis),
        start: fc.constant(start),
        size: fc.integer({ min: 1, max: shape[axis]! - start }),
      }),
    ),
  );
  return fc.oneof(fc.constant(undefined), rows, ranges).map((part: ParameterPart | undefined) => ({
    name: 'w',
    shape,
    part,
  }));
});

test('the shape of what a use takes is that of what takePart takes', () => {
  fc.assert(
    fc.property(refs, (ref) => {
      const whole = ndarray<'float32'>(new Float32Array(sizeOf(ref.shape)), ref.shape);
      const taken = takePart(whole, ref.part);
      expect(usedShape(ref)).toEqual([...taken.shape]);
      expect(usedSize(ref)).toBe(taken.data.length);
    }),
  );
});

test('a part is rows or a range', () => {
  const rows = { name: 'w', shape: [4, 2], part: { rows: [3, 0, 3] } };
  const range = { name: 'w', shape: [4, 6], part: { axis: 1, start: 2, size: 2 } };
  const whole = { name: 'w', shape: [4, 6] };
  expect([rows, range, whole].map(rowsOf)).toEqual([[3, 0, 3], undefined, undefined]);
  expect([rows, range, whole].map(rangeOf)).toEqual([undefined, range.part, undefined]);
  expect([rows, range, whole].map(usedShape)).toEqual([
    [3, 2],
    [4, 2],
    [4, 6],
  ]);
  expect([rows, range, whole].map(usedSize)).toEqual([6, 8, 24]);
});

test('keys are equal for equal parts of equal names, and for no others', () => {
  const rename = fc.constantFrom('w', 'v').chain((name) => refs.map((ref) => ({ ...ref, name })));
  fc.assert(
    fc.property(rename, rename, (a, b) => {
      const same = a.name === b.name && JSON.stringify(a.part) === JSON.stringify(b.part);
      expect(partKey(a) === partKey(b)).toBe(same);
      expect(partKey(structuredClone(a))).toBe(partKey(a));
    }),
  );
});
