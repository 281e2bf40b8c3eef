import { type LongTaskOptions, throwIfCancelled } from '@ntk-lens/core';
import type { Verbalizer } from '@ntk-lens/prompts';
import type { RunConfig } from '../options/run-config.js';
import { type ChosenFormula, checkStateOptions, chosenFormulas } from './chosen-formulas.js';
import { type ChosenSpace, chosenSpaces } from './chosen-spaces.js';
import { type CellData, loadCell } from './load-cell.js';
import { openConfigured } from './model/open-configured.js';
import type { openModel } from './model/open-model.js';
import type { OpenedModel } from './model/opened-model.js';
import { type PreparedTask, prepareTask, prepareVerbalizer } from './prepare-task.js';
import { withoutPrompt } from './without-prompt.js';

/** A checked experiment: task, prompt, model without its weights, tokenized samples. */
export interface PreparedExperiment {
  readonly prepared: PreparedTask;
  readonly opened: OpenedModel;
  readonly verbalizer: Verbalizer;
  readonly samples: readonly CellData[];
  readonly spaces: readonly ChosenSpace[];
  readonly formulas: readonly ChosenFormula[];
}

/**
 * Does everything of an experiment that comes before the model's weights and before anything is written, then `work`.
 * What was opened for it is closed afterwards.
 *
 * @throws NtkLensError of kind `input` for bad input, CancelledError; what `work` throws
 */
export const withExperiment = async <T>(
  config: RunConfig,
  options: LongTaskOptions & { readonly openModel?: typeof openModel },
  work: (experiment: PreparedExperiment) => Promise<T>,
): Promise<T> => {
  const prepared = prepareTask(config);
  checkStateOptions(config);
  const spaces = await chosenSpaces(config);
  const opened = await openConfigured(config, options);
  const verbalizer = prepareVerbalizer(prepared.task, opened.tokenizer, config.labelRule);
  const { formulas, close } = await chosenFormulas(config, opened);
  try {
    const samples = await loadSamples(config, prepared, verbalizer, opened, options);
    return await work({ prepared, opened, verbalizer, samples, spaces, formulas });
  } finally {
    await close();
  }
};

const loadSamples = async (
  config: RunConfig,
  prepared: PreparedTask,
  verbalizer: Verbalizer,
  opened: OpenedModel,
  { signal, onProgress }: LongTaskOptions,
): Promise<readonly CellData[]> => {
  const long = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const samples: CellData[] = [];
  for (const shots of config.shots) {
    for (const seed of config.seeds) {
      throwIfCancelled(signal, 'The run');
      const sample = await loadCell(config, prepared, verbalizer, opened, { shots, seed }, long);
      samples.push(sample);
      if (config.noPrompt === true) samples.push(await withoutPrompt(config, prepared, opened, sample));
    }
  }
  return samples;
};
