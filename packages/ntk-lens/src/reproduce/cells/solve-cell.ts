import { isNtkLensError } from '@ntk-lens/core';
import type { FormulaName } from '@ntk-lens/kernels/formulas';
import { loadKernel, type MethodScores } from '@ntk-lens/lens/stored';
import type { RunConfig } from '../../options/run-config.js';
import { gridsOf } from '../../run/grids.js';
import { noWork } from './cell-work.js';
import { kernelCell } from './kernel-cell.js';
import { numbersOf, type ProtocolCell } from './protocol-cell.js';

/** The scores of a solver on a kernel, or why it takes none. */
export type SolveResult =
  | (MethodScores & { readonly refused?: undefined })
  | { readonly refused: string; readonly test?: undefined };

/** A kernel of one sample solved by one solver. The kernel is that of a kernel cell, which is computed where it is not there. */
export const solveCell = (
  sample: RunConfig,
  formula: FormulaName,
  solver: string,
): ProtocolCell<SolveResult> => {
  const kernel = kernelCell(sample, formula);
  return {
    ...kernel,
    key: `${kernel.key}-${solver}`,
    what: `${kernel.what}, solved by ${solver}`,
    order: 4,
    identity: { kind: 'solve', solver, ...numbersOf(kernel.run) },
    compute: async (options) => {
      await kernel.compute(options);
      const { signal, onProgress, lens } = options;
      try {
        const grids = { ...gridsOf(kernel.run), solver };
        const { dev, test } = await lens.solve(await loadKernel(options.out), {
          ...grids,
          signal,
          onProgress,
        });
        return { dev, test };
      } catch (error) {
        // A solver does not take every kernel.
        if (!isNtkLensError(error) || error.kind !== 'input') throw error;
        return { refused: error.message };
      }
    },
    // Solving takes little next to the kernel.
    forecast: async () => noWork,
  };
};
