import type { KernelChoice, LensTask } from '@ntk-lens/lens';
import { isFull } from '@ntk-lens/subspace';
import type { RunConfig } from '../options/run-config.js';
import type { ChosenFormula } from './chosen-formulas.js';
import { type ChosenSpace, folderOf } from './chosen-spaces.js';

/** The fields that distinguish one kernel of an experiment from the others. */
export interface Cell {
  readonly task: LensTask;
  readonly formula: ChosenFormula;
  readonly space: ChosenSpace;
  /** The other settings that the kernel's numbers depend on. */
  readonly choice: KernelChoice;
  /** Folder of the kernel in a run of several. */
  readonly name: string;
}

/** All kernels of an experiment: sample by sample, in it space by space. */
export const cellsOf = (
  config: RunConfig,
  tasks: readonly LensTask[],
  formulas: readonly ChosenFormula[],
  spaces: readonly ChosenSpace[],
): readonly Cell[] => {
  const { spaceSeed, binary, parameters, tied, keepNoise, blocks, batch } = config;
  const common = { spaceSeed, binary, parameters, tied, keepNoise, blocks, batch };
  return tasks.flatMap((task) =>
    spaces.flatMap((chosen) =>
      formulas.map((formula) => ({
        ...{ task, formula, space: chosen },
        choice: { ...common, formula, space: chosen.space },
        name: [
          `${task.shots}-${task.seed}-${formula.name}`,
          ...(isFull(chosen.space) ? [] : [folderOf(chosen.space)]),
          ...(task.prompt ? [] : ['no-prompt']),
        ].join('-'),
      })),
    ),
  );
};
