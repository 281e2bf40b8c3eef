import { createHash } from 'node:crypto';
import type { EncodedExample, LongTaskOptions, SplitName } from '@ntk-lens/core';
import type { Verbalizer } from '@ntk-lens/prompts';
import { goldOf } from '@ntk-lens/tasks';
import { type ExampleSets, exampleSets } from '../data/example-sets.js';
import type { RunConfig } from '../options/run-config.js';
import type { OpenedModel } from './model/opened-model.js';
import type { PreparedTask } from './prepare-task.js';
import { embedWith, promptEncoder } from './prompting/prompt-encoder.js';
import { type PromptTexts, promptTexts } from './prompting/prompt-texts.js';
import { splitNames } from './store/kernel-names.js';

/** One k-shot sample, prompted and tokenized. */
export interface CellData {
  readonly shots: number;
  readonly seed: number;
  /** In the prompt's first context, of which kernels are. */
  readonly examples: Readonly<Record<SplitName, readonly EncodedExample[]>>;
  /** Label indices; for a regression the pole that each score is nearer to. */
  readonly labels: Readonly<Record<SplitName, readonly number[]>>;
  /** What predictions are compared with: the labels, or the scores of a regression. */
  readonly gold: Readonly<Record<SplitName, readonly number[]>>;
  /** In which the scores of a regression are. */
  readonly range?: readonly [number, number];
  /** What the examples were encoded from, in every context of demonstrations. */
  readonly prompts: PromptTexts;
  /** SHA-256 of token ids, read positions and labels. */
  readonly hash: string;
  /** Encoded without the prompt, for a network with a linear-probe head. */
  readonly withoutPrompt?: true;
}

/**
 * Reads one k-shot sample and encodes every example.
 *
 * @throws what the task's reader throws; BadExampleError with the place of an example that does not fit
 */
export const loadCell = async (
  config: RunConfig,
  prepared: PreparedTask,
  verbalizer: Verbalizer,
  model: OpenedModel,
  sample: { readonly shots: number; readonly seed: number },
  options: LongTaskOptions = {},
): Promise<CellData> => {
  const { task } = prepared;
  const sets = await exampleSets(config, task, sample);
  const prompts = await withDemonstrations(config, prepared, model, sets, options);
  const encode = promptEncoder(task, prompts, verbalizer, model);
  const [context] = prompts.contexts;
  const examples = {} as Record<SplitName, EncodedExample[]>;
  const labels = {} as Record<SplitName, number[]>;
  const gold = {} as Record<SplitName, number[]>;
  const [low, high] = task.range ?? [0, 1];
  for (const split of splitNames) {
    gold[split] = goldOf(task, sets[split]);
    labels[split] =
      task.kind === 'regression'
        ? gold[split].map((score) => (score > (low + high) / 2 ? 1 : 0))
        : gold[split];
    examples[split] = encode(split, context![split]).map(({ inputIds, position }) => ({
      inputIds,
      position,
    }));
  }
  const hash = createHash('sha256')
    .update(JSON.stringify([examples, gold]))
    .digest('hex');
  const { shots, seed } = sample;
  return {
    ...{ shots, seed, examples, labels, gold, prompts, hash },
    ...(task.kind === 'regression' && task.range && { range: task.range }),
  };
};

/** The texts of a prompt; the model is opened only where demonstrations are filtered by its own embeddings. */
export const withDemonstrations = async (
  config: RunConfig,
  prepared: PreparedTask,
  model: OpenedModel,
  sets: ExampleSets,
  options: LongTaskOptions,
): Promise<PromptTexts> => {
  if (config.demonstrations?.filter === undefined) {
    return promptTexts(config, prepared, sets, model.objective);
  }
  const machine = {
    runtime: config.runtime,
    ...(config.threads !== undefined && { threads: config.threads }),
    ...options,
  };
  const loaded = await model.load();
  try {
    const embed = embedWith(prepared.task, model, loaded.forward.states, machine);
    return await promptTexts(config, prepared, sets, model.objective, embed);
  } finally {
    await loaded.close();
  }
};
