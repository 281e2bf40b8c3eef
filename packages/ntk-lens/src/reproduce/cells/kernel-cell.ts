import { type FormulaName, formulaOf, isSymmetric } from '@ntk-lens/kernels/formulas';
import { isFull, parseSpace } from '@ntk-lens/subspace';
import { findTask } from '@ntk-lens/tasks';
import type { RunConfig } from '../../options/run-config.js';
import { writeOutcome } from '../../present/write-outcome.js';
import { cellsOf } from '../../run/cells.js';
import { chosenSpaces, folderOf } from '../../run/chosen-spaces.js';
import type { CellResult } from '../../run/experiment.js';
import { kernelName } from '../../run/method-name.js';
import { experimentWork, runExperiment } from '../../run/run-experiment.js';
import type { SolvedSplits } from '../../run/stored-scores.js';
import { unlessUnplanned } from './cell-work.js';
import { numbersOf, type ProtocolCell, sampleFolder } from './protocol-cell.js';

/** A solved kernel. */
export type KernelResult = Pick<CellResult, 'shots' | 'seed' | 'formula' | 'space' | 'distance'> & {
  readonly scores: SolvedSplits;
};

/** A kernel other than that of all parameters with the task's own prompt. */
export interface KernelVariant {
  readonly space?: string;
  /** Name of the prompt, where the run has another than the task's. */
  readonly prompt?: string;
}

/**
 * The configuration of `ntk-lens run` for a kernel of the protocol, as a check computes it: a formula that is not symmetric has
 * one output and a solver of its own. A regression has one output, too.
 */
const kernelRun = (run: RunConfig, formula: FormulaName, space: string | undefined): RunConfig => {
  const single = !isSymmetric(formulaOf(formula));
  const regression = findTask(run.task).kind === 'regression';
  return {
    ...run,
    formulas: [formula],
    spaces: space === undefined ? run.spaces : [space],
    ...{ binary: single || regression || run.binary, solver: single ? 'asym' : run.solver },
  };
};

/** A kernel of one sample, solved, as `ntk-lens run` leaves it. */
export const kernelCell = (
  sample: RunConfig,
  formula: FormulaName,
  { space, prompt }: KernelVariant = {},
): ProtocolCell<KernelResult> => {
  const run = kernelRun(sample, formula, space);
  const parsed = parseSpace(space ?? 'full');
  const variant = [...(isFull(parsed) ? [] : [folderOf(parsed)]), ...(prompt ? [prompt] : [])];
  const folder = `${sampleFolder(run)}/${['kernel', formula, ...variant].join('-')}`;
  return {
    ...{ key: folder, folder, run, order: 2 },
    what: [kernelName(formula), ...(isFull(parsed) ? [] : [space]), ...(prompt ? [prompt] : [])].join(', '),
    identity: { kind: 'kernel', ...numbersOf(run) },
    refuse: (lens, options) => experimentWork().refuse(lens, run, options),
    compute: async (options) => {
      const experiment = await runExperiment(run, options);
      await writeOutcome(experiment);
      const { shots, seed, space: own, scores } = experiment.cells[0]!;
      return { shots, seed, formula, space: own, scores: scores! };
    },
    forecast: async (lens, task) => {
      const named = { ...formulaOf(formula), name: formula };
      const [cell] = cellsOf(run, [task], [named], chosenSpaces(run));
      return unlessUnplanned(() => lens.kernelWork(task, cell!.choice));
    },
  };
};
