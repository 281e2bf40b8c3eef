import type { NDArray } from '@ntk-lens/core';
import { formulaOf, isInnerProduct } from '@ntk-lens/kernels/formulas';
import { johnsonLindenstraussBound, kernelDistance } from '@ntk-lens/subspace';
import type { CellResult } from './experiment.js';

/**
 * Adds to each result its distance from the result of the same sample and formula in the space `full`. Kernels are read for
 * distances that are not known.
 */
export const distancesToFull = async (
  all: readonly { readonly result: CellResult; readonly train: () => Promise<NDArray<'float64'>> }[],
): Promise<CellResult[]> => {
  const cells = all.map(({ result }) => result);
  const compare = async (cell: CellResult, i: number): Promise<CellResult> => {
    const full = cells.findIndex(
      ({ shots, seed, formula, space }) =>
        space === undefined && shots === cell.shots && seed === cell.seed && formula === cell.formula,
    );
    if (full < 0 || cell.space === undefined) return { ...cell, distance: undefined };
    if (cell.distance) return cell;
    const [kernel, reference] = [await all[i]!.train(), await all[full]!.train()];
    const [examples = 0, outputs = 0] = kernel.shape;
    const bound =
      cell.space.projectsAll && isInnerProduct(formulaOf(cell.formula))
        ? johnsonLindenstraussBound({ dimension: cell.space.dimension, vectors: examples * outputs })
        : undefined;
    const distance = { ...kernelDistance(kernel, reference), bound };
    return { ...cell, distance };
  };
  const compared: CellResult[] = [];
  for (const [i, cell] of cells.entries()) compared.push(await compare(cell, i));
  return compared;
};
