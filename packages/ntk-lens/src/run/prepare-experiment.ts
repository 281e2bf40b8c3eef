import { throwIfCancelled } from '@ntk-lens/core';
import { formulaOf } from '@ntk-lens/kernels/formulas';
import { checkChoice, type Lens, type LensTask, prepareTask } from '@ntk-lens/lens';
import type { RunConfig } from '../options/run-config.js';
import { type Cell, cellsOf } from './cells.js';
import { checkStateOptions, chosenFormulas } from './chosen-formulas.js';
import { chosenSpaces } from './chosen-spaces.js';
import { type SessionOptions, samplesOf, taskOptions, withLens } from './with-lens.js';

/** A checked experiment: an open session, tokenized samples, and the kernels of them. */
export interface PreparedExperiment {
  readonly lens: Lens;
  readonly cells: readonly Cell[];
}

/**
 * Does everything of an experiment that comes before the model's weights are read and before anything is written, then
 * `work`. What was opened for it is closed afterwards.
 *
 * @throws NtkLensError of kind `input` for bad input, CancelledError; what `work` throws
 */
export const withExperiment = async <T>(
  config: RunConfig,
  options: SessionOptions,
  work: (experiment: PreparedExperiment) => Promise<T>,
): Promise<T> => {
  // All that can be refused is, before a model is looked for.
  const asked = taskOptions(config);
  const { task } = prepareTask(config.task, asked);
  const spaces = chosenSpaces(config);
  const prompts = config.noPrompt ? [true, false] : [true];
  for (const prompt of prompts)
    for (const { space } of spaces)
      for (const name of config.formulas)
        checkChoice(task, { ...asked, prompt }, { formula: formulaOf(name), space, binary: config.binary });
  checkStateOptions(config);
  return withLens(config, options, async (lens) => {
    const { signal, onProgress } = options;
    const { formulas, close } = await chosenFormulas(config, lens.model);
    try {
      const tasks: LensTask[] = [];
      for (const sample of samplesOf(config))
        for (const prompt of prompts) {
          throwIfCancelled(signal, 'The run');
          tasks.push(await lens.task(config.task, { ...asked, ...sample, prompt, signal, onProgress }));
        }
      return await work({ lens, cells: cellsOf(config, tasks, formulas, spaces) });
    } finally {
      await close();
    }
  });
};
