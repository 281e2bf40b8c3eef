import { ConflictingOptionsError, throwIfCancelled } from '@ntk-lens/core';
import { formulaOf } from '@ntk-lens/kernels/formulas';
import { checkChoice, type EarlyLens, type Lens, type LensTask, prepareTask } from '@ntk-lens/lens';
import { knownSolvers } from '@ntk-lens/solvers';
import { matrixFreeCandidates } from '@ntk-lens/solvers/matrix-free';
import type { RunConfig } from '../options/run-config.js';
import { type Cell, cellsOf } from './cells.js';
import { checkStateOptions, chosenFormulas } from './chosen-formulas.js';
import { chosenSpaces } from './chosen-spaces.js';
import { type SessionOptions, samplesOf, taskOptions, withLens } from './with-lens.js';

/** With its prompt, and without one where that is asked for. */
const promptsOf = ({ noPrompt }: RunConfig): readonly boolean[] => (noPrompt ? [true, false] : [true]);

/**
 * Refuses what a configuration alone shows to be impossible.
 *
 * @throws NtkLensError of kind `input`
 */
export const checkExperiment = (config: RunConfig): void => {
  const asked = taskOptions(config);
  const { task } = prepareTask(config.task, asked);
  knownSolvers(config.solver);
  if (config.matrixFree) checkMatrixFree(config);
  for (const prompt of promptsOf(config))
    for (const { space } of chosenSpaces(config))
      for (const name of config.formulas)
        checkChoice(task, { ...asked, prompt }, { formula: formulaOf(name), space, binary: config.binary });
  checkStateOptions(config);
};

/** @throws BadArgumentError for solvers and grids that need the kernel itself; ConflictingOptionsError */
const checkMatrixFree = (config: RunConfig): void => {
  matrixFreeCandidates(config);
  if (config.blocks !== undefined)
    throw new ConflictingOptionsError(
      `\`blocks\` ${config.blocks} asks for kernels of parts, and a matrix-free run writes out none.`,
      'Leave `blocks` out, or `matrixFree`.',
    );
};

/**
 * Does everything of an experiment that comes before the model's weights are read or downloaded and before
 * anything is written, then `work`. Everything that was opened for it is closed afterwards.
 *
 * @param refuse refuses what else can be refused before the weights
 * @throws NtkLensError of kind `input` for bad input, CancelledError; what `work` throws
 */
export const withExperiment = async <T>(
  config: RunConfig,
  options: SessionOptions,
  refuse: (lens: EarlyLens, cells: readonly Cell[]) => Promise<void>,
  work: (lens: Lens, cells: readonly Cell[]) => Promise<T>,
): Promise<T> => {
  // All that can be refused is, before a model is looked for.
  checkExperiment(config);
  const closing: (() => Promise<void>)[] = [];
  const prepare = async (lens: EarlyLens): Promise<readonly Cell[]> => {
    const { cells, close } = await openCells(lens, config, options, refuse);
    closing.push(close);
    return cells;
  };
  try {
    return await withLens(config, options, prepare, work);
  } finally {
    for (const close of closing) await close();
  }
};

/**
 * The cells of an experiment, its samples read and tokenized, after everything was refused that can be.
 *
 * @param refuse refuses what else can be refused before the weights
 */
export const openCells = async (
  lens: EarlyLens,
  config: RunConfig,
  { signal, onProgress }: SessionOptions,
  refuse: (lens: EarlyLens, cells: readonly Cell[]) => Promise<void>,
): Promise<{ readonly cells: readonly Cell[]; readonly close: () => Promise<void> }> => {
  const asked = taskOptions(config);
  const tasks: LensTask[] = [];
  for (const sample of samplesOf(config))
    for (const prompt of promptsOf(config)) {
      throwIfCancelled(signal, 'The run');
      tasks.push(await lens.task(config.task, { ...asked, ...sample, prompt, signal, onProgress }));
    }
  const { formulas, close } = await chosenFormulas(config, lens.model);
  try {
    const cells = cellsOf(config, tasks, formulas, chosenSpaces(config));
    await refuse(lens, cells);
    for (const { task, choice } of cells)
      await lens.checkKernel(task, { ...choice, matrixFree: config.matrixFree, stored: true, signal });
    return { cells, close };
  } catch (error) {
    await close();
    throw error;
  }
};
