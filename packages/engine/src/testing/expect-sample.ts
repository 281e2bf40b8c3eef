import type { NDArray } from '@ntk-lens/core';
import { expect } from 'vitest';

/** Expects two runtimes to give the same results for the sample program, up to rounding. */
export const expectSameSample = (
  found: Readonly<Record<string, NDArray>>,
  expected: Readonly<Record<string, NDArray>>,
): void => {
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const [output, { shape, dtype, data }] of Object.entries(expected)) {
    expect(found[output]).toMatchObject({ shape, dtype });
    for (const [i, value] of [...data].entries()) expect(found[output]!.data[i]).toBeCloseTo(value, 5);
  }
};
