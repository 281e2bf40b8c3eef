import type { NDArray } from '@ntk-lens/core';
import { formulaOf, isInnerProduct } from '@ntk-lens/kernels/formulas';
import { johnsonLindenstraussBound, kernelDistance } from '@ntk-lens/subspace';
import type { CellResult } from './experiment.js';

/**
 * Adds to each result its distance from the result of the same sample and formula in the space `full`.
 *
 * @param trainKernels `K(train, train)` of each
 */
export const distancesToFull = (
  cells: readonly CellResult[],
  trainKernels: readonly NDArray<'float64'>[],
): CellResult[] => {
  if (cells.every(({ space }) => space === undefined)) return [...cells];
  return cells.map((cell, i) => {
    const full = cells.findIndex(
      ({ shots, seed, formula, space }) =>
        space === undefined && shots === cell.shots && seed === cell.seed && formula === cell.formula,
    );
    if (full < 0 || cell.space === undefined) return cell;
    const [kernel, reference] = [trainKernels[i]!, trainKernels[full]!];
    const [examples = 0, outputs = 0] = kernel.shape;
    const bound =
      cell.space.projectsAll && isInnerProduct(formulaOf(cell.formula))
        ? johnsonLindenstraussBound({ dimension: cell.space.dimension, vectors: examples * outputs })
        : undefined;
    const distance = { ...kernelDistance(kernel, reference), bound };
    return { ...cell, distance };
  });
};
