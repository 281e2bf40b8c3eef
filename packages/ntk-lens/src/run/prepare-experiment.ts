import { type LongTaskOptions, throwIfCancelled } from '@ntk-lens/core';
import type { Verbalizer } from '@ntk-lens/prompts';
import type { RunConfig } from '../options/run-config.js';
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
}

/**
 * Everything of an experiment that comes before the model's weights and before anything is written.
 *
 * @throws NtkLensError of kind `input` for bad input, CancelledError
 */
export const prepareExperiment = async (
  config: RunConfig,
  options: LongTaskOptions & { readonly openModel?: typeof openModel },
): Promise<PreparedExperiment> => {
  const { signal, onProgress } = options;
  const prepared = prepareTask(config);
  const spaces = await chosenSpaces(config);
  const opened = await openConfigured(config, options);
  const verbalizer = prepareVerbalizer(prepared.task, opened.tokenizer, config.labelRule);
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
  return { prepared, opened, verbalizer, samples, spaces };
};
