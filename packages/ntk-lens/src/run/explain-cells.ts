import type { LongTaskOptions } from '@ntk-lens/core';
import type { MachineProfile, MachineRates } from '@ntk-lens/engine';
import type { FormulaName } from '@ntk-lens/kernels';
import type { KernelChoice, Lens, LensTask, RuntimeRecord } from '@ntk-lens/lens';
import { parameterCount } from '@ntk-lens/models';
import { isFull } from '@ntk-lens/subspace';
import type { RunConfig } from '../options/run-config.js';
import { withExperiment } from './prepare-experiment.js';
import type { SessionOptions } from './with-lens.js';

/** The sample, formula and space that a plan is for. */
export interface PlannedFor {
  readonly shots: number;
  readonly seed: number;
  readonly formula: FormulaName;
  /** Its name in the configuration. Default: all parameters. */
  readonly space?: string;
}

/** The plans of a task's samples, formulas and spaces, and the machine that they are for. */
export interface PlannedCells<Plan> {
  readonly task: string;
  readonly model: string;
  readonly parameters: number;
  readonly runtime: RuntimeRecord;
  /** The profile by which kernels are planned. */
  readonly profile: MachineProfile;
  /** The rates of the forecast; they are the profile's, where it was measured. */
  readonly rates: MachineRates;
  readonly cells: readonly (PlannedFor & Plan)[];
}

/** The part of a session's answer that is the same for all cells. */
type Explained = Pick<PlannedCells<unknown>, 'runtime' | 'profile' | 'rates'>;

/**
 * Plans every cell of an experiment, and computes none.
 *
 * @param explain plans one cell
 * @param planOf the part of its answer that is the cell's own
 */
export const explainCells = <E extends Explained, Plan>(
  config: RunConfig,
  options: SessionOptions,
  explain: (lens: Lens, task: LensTask, choice: KernelChoice & LongTaskOptions) => Promise<E>,
  planOf: (explained: E) => Plan,
): Promise<PlannedCells<Plan>> =>
  withExperiment(
    config,
    options,
    async () => {},
    async (lens, cells) => {
      const { signal, onProgress } = options;
      const explained: E[] = [];
      for (const { task, choice } of cells)
        explained.push(await explain(lens, task, { ...choice, signal, onProgress }));
      const { runtime, profile, rates } = explained[0]!;
      return {
        task: cells[0]!.task.spec.name,
        model: lens.name,
        parameters: parameterCount(lens.model),
        ...{ runtime, profile, rates },
        cells: cells.map(({ task: { shots, seed }, formula, space }, i) => ({
          ...{ shots, seed, formula: formula.name, space: isFull(space.space) ? undefined : space.name },
          ...planOf(explained[i]!),
        })),
      };
    },
  );
