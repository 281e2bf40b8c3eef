import { Mt19937 } from '@ntk-lens/core';

/**
 * Some of the configurations of a test that has many, drawn by the seed that the run prints; all where
 * NTK_LENS_TEST_ALL is 1, as `.ci/run` sets it.
 */
export const sampled = <T>(all: readonly T[], size: number): readonly T[] => {
  if (process.env['NTK_LENS_TEST_ALL'] === '1' || size >= all.length) return all;
  const random = new Mt19937(Number(process.env['NTK_LENS_TEST_SEED'] ?? 0));
  return random
    .choice(all.length, size)
    .sort((a, b) => a - b)
    .map((i) => all[i]!);
};
