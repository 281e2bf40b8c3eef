import { type FormulaName, formulaOf } from '@ntk-lens/kernels/formulas';
import type { LensTask } from '@ntk-lens/lens';
import type { RunConfig } from '../../options/run-config.js';
import { cellsOf } from '../../run/cells.js';
import { chosenSpaces } from '../../run/chosen-spaces.js';
import { gridsOf } from '../../run/grids.js';
import { kernelName } from '../../run/method-name.js';
import { type SolvedSplits, storedScores } from '../../run/stored-scores.js';
import { taskOptions } from '../../run/with-lens.js';
import { numbersOf, type ProtocolCell, sampleFolder } from './protocol-cell.js';

/** The kernel of one sample without its prompt, with a linear probe as the head. */
export const plainCell = (sample: RunConfig, formula: FormulaName): ProtocolCell<SolvedSplits> => {
  const folder = `${sampleFolder(sample)}/kernel-${formula}-no-prompt`;
  const asked = { ...taskOptions(sample), shots: sample.shots[0]!, seed: sample.seeds[0]!, prompt: false };
  const choiceOf = (task: LensTask) =>
    cellsOf(sample, [task], [{ ...formulaOf(formula), name: formula }], chosenSpaces(sample))[0]!.choice;
  return {
    ...{ key: folder, folder, run: sample, order: 2 },
    what: `${kernelName(formula)}, no prompt`,
    identity: { kind: 'plain kernel', formula, ...numbersOf(sample) },
    refuse: async (lens) => {
      const task = await lens.task(sample.task, asked);
      await lens.checkKernel(task, choiceOf(task));
    },
    compute: async ({ lens, out, force, signal, onProgress }) => {
      const long = { signal, onProgress };
      const task = await lens.task(sample.task, { ...asked, ...long });
      const kernel = await lens.kernel(task, { ...choiceOf(task), directory: out, replace: force, ...long });
      return storedScores(await lens.solve(kernel, { ...gridsOf(sample), ...long }));
    },
    forecast: (lens, task) => lens.kernelWork(task, choiceOf(task)),
  };
};
