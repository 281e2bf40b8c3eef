import { createHash } from 'node:crypto';
import type { EncodedExample, SplitName } from '@ntk-lens/core';
import { encodeWithoutPrompt } from '@ntk-lens/prompts';
import { exampleSets } from '../data/example-sets.js';
import type { RunConfig } from '../options/run-config.js';
import type { CellData } from './load-cell.js';
import type { OpenedModel } from './model/opened-model.js';
import type { PreparedTask } from './prepare-task.js';
import { splitNames } from './store/kernel-names.js';

/**
 * The examples of a sample without a prompt: cls + s0 + sep (+ s1 + sep), read at the first token (the last one of
 * a causal model), for a network with a linear-probe head (docs/theory.md, Fine-tuning).
 *
 * @param prompted the same sample with its prompt
 */
export const withoutPrompt = async (
  config: RunConfig,
  { task }: PreparedTask,
  model: OpenedModel,
  prompted: CellData,
): Promise<CellData> => {
  const { shots, seed, labels, gold, prompts } = prompted;
  const sets = await exampleSets(config, task, { shots, seed });
  const options = { maxLength: Math.min(task.maxLength, model.maxTokens), objective: model.objective };
  const examples = {} as Record<SplitName, EncodedExample[]>;
  for (const split of splitNames) {
    examples[split] = sets[split].map(({ texts }) => {
      const { inputIds, position } = encodeWithoutPrompt(texts, model.tokenizer, options);
      return { inputIds, position };
    });
  }
  const hash = createHash('sha256')
    .update(JSON.stringify([examples, labels]))
    .digest('hex');
  return { shots, seed, examples, labels, gold, prompts, hash, withoutPrompt: true };
};
