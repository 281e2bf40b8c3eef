import { ndarray, sizeOf } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addPart, putPart, takePart } from '../forward/take-part.js';
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
      fc
        .record({
          size: fc.integer({ min: 1, max: shape[axis]! - start }),
          gap: fc.nat({ max: 2 }),
          blocks: fc.integer({ min: 1, max: 3 }),
        })
        .map(({ size, gap, blocks }) => {
          const stride = size + gap;
          const most = Math.floor((shape[axis]! - start - size) / stride) + 1;
          return blocks === 1
            ? { axis, start, size }
            : { axis, start, size, blocks: Math.min(blocks, most), stride };
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

test('ranges at equal distances are taken in order, and numbers go back to the places that they come from', () => {
  const count = ndarray<'float32'>(
    Float32Array.from({ length: 24 }, (_, i) => i),
    [12, 2],
  );
  const keys = { axis: 0, start: 1, size: 2, blocks: 2, stride: 6 };
  expect([...takePart(count, keys).data]).toEqual([2, 3, 4, 5, 14, 15, 16, 17]);
  for (const wrong of [{ blocks: 3 }, { start: 5 }, { stride: 1 }, { blocks: 0 }, { start: -1 }])
    expect(() => takePart(count, { ...keys, ...wrong })).toThrow(/within 0…12/);
  fc.assert(
    fc.property(refs, (ref) => {
      const places = Float32Array.from({ length: sizeOf(ref.shape) }, (_, i) => i + 1);
      const taken = takePart(ndarray<'float32'>(places, ref.shape), ref.part).data;
      const put = new Float32Array(places.length);
      putPart(put, ref, taken);
      const added = new Float64Array(places.length);
      addPart(added, ref, taken, 2);
      for (const [i, place] of places.entries()) {
        const times = taken.filter((x) => x === place).length;
        expect([put[i], added[i]]).toEqual([times > 0 ? place : 0, 2 * times * place]);
      }
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
