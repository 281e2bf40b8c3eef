import { ndarray } from '@ntk-lens/core';
import { createSolver } from '@ntk-lens/solvers';
import { expect, it } from 'vitest';
import { diagnosticsNotes } from './diagnostics-notes.js';

const fitted = async (diagonal: readonly [number, number]) => {
  const kernel = ndarray<'float64'>(Float64Array.of(diagonal[0], 0, 0, diagonal[1]), [2, 1, 2, 1]);
  const logits = ndarray<'float64'>(new Float64Array(2), [2, 1]);
  const labels = ndarray<'int32'>(Int32Array.of(0, 1), [2]);
  return (await createSolver({ solver: 'lstsq' }).fit({ kernel, logits, labels })).diagnostics!;
};

it('one kernel in numbers, several of one name as ranges, those without diagnostics not at all', async () => {
  const [a, b] = [await fitted([4, 1]), await fitted([4, 2])];
  expect(diagnosticsNotes([['SGD kernel', a]])).toEqual([
    'SGD kernel: 2 rows, condition number 4, effective rank 1.65, centred alignment with the targets 1, largest stable learning rate 0.5',
  ]);
  const lines = diagnosticsNotes([
    ['a', a],
    ['b', undefined],
    ['a', b],
  ]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('condition number 2 to 4, ');
});

it('a singular kernel has an infinite condition number', async () => {
  const [line] = diagnosticsNotes([['a', await fitted([4e6, 0])]]);
  expect(line).toMatch(/condition number ∞, .*learning rate 5\.0e-7$/);
});
