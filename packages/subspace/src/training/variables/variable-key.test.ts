import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyOf, parseKey } from './variable-key.js';

const natural = fc.integer({ min: 1, max: 1e6 });
const ranges = fc.oneof(
  fc.constant(undefined),
  fc.record({ axis: fc.nat({ max: 3 }), start: fc.nat(), size: natural }),
  fc.record({
    axis: fc.nat({ max: 3 }),
    start: fc.nat(),
    size: natural,
    blocks: natural.map((n) => n + 1),
    stride: natural,
  }),
);

test('the range of a variable can be read from its name', () => {
  fc.assert(
    fc.property(fc.string(), ranges, (stored, range) => {
      fc.pre(!/\]$/.test(stored) && !stored.includes('\n'));
      expect(parseKey(keyOf(stored, range))).toEqual(range ? { stored, range } : { stored });
    }),
  );
  expect(keyOf('c_attn.weight', { axis: 1, start: 768, size: 768 })).toBe('c_attn.weight[1:768+768]');
});
