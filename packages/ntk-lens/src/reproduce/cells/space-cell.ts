import { basename, dirname, join } from 'node:path';
import type { FormulaName } from '@ntk-lens/kernels/formulas';
import { loadKernel } from '@ntk-lens/lens/stored';
import type { RunConfig } from '../../options/run-config.js';
import { distancesToFull } from '../../run/compare-spaces.js';
import type { CellResult } from '../../run/experiment.js';
import { type KernelResult, kernelCell } from './kernel-cell.js';
import type { ProtocolCell } from './protocol-cell.js';

/** The kernel of a space with its distance from that of all parameters, which is computed where it is not there. */
export const spaceCell = (
  sample: RunConfig,
  formula: FormulaName,
  space: string,
): ProtocolCell<KernelResult> => {
  const full = kernelCell(sample, formula);
  const own = kernelCell(sample, formula, { space });
  return {
    ...own,
    order: 4,
    reads: [full.folder],
    compute: async (options) => {
      const place = join(dirname(options.out), basename(full.folder));
      const known = async (cell: ProtocolCell<KernelResult>, out: string) => {
        const result = (await cell.compute({ ...options, out })) as CellResult;
        return { result, train: async () => (await loadKernel(out)).splits.train.kernel };
      };
      const both = [await known(full, place), await known(own, options.out)];
      const { distance } = (await distancesToFull(both))[1]!;
      return { ...(both[1]!.result as KernelResult), distance };
    },
  };
};
