import { expect, it } from 'vitest';
import { floorFor } from './product-rates.js';

it.each([
  [1.2, 1.1, 1.1],
  [0.9, 1.1, 1.1],
  [0.75, 1.1, 1.55],
  [0.75, 1, 1.5],
  [0.6, 1, 2],
  [0.3, 1.1, 2],
])('the floor at %f of our rate, from %f on, is %f', (ratio, level, floor) => {
  expect(floorFor(ratio, level)).toBeCloseTo(floor, 12);
});
