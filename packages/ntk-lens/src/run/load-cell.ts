import { createHash } from 'node:crypto';
import { type EncodedExample, type Example, isNtkLensError, type SplitName } from '@ntk-lens/core';
import { compileTemplate, type Verbalizer } from '@ntk-lens/prompts';
import { embeddedKShot, goldOf } from '@ntk-lens/tasks';
import { loadKShot } from '@ntk-lens/tasks/node';
import type { RunConfig } from '../options/run-config.js';
import { BadExampleError } from './errors.js';
import type { OpenedModel } from './model/opened-model.js';
import type { PreparedTask } from './prepare-task.js';
import { splitNames } from './store/kernel-files.js';

/** One k-shot sample, prompted and tokenized. */
export interface CellData {
  readonly shots: number;
  readonly seed: number;
  readonly examples: Readonly<Record<SplitName, readonly EncodedExample[]>>;
  /** Label indices. */
  readonly labels: Readonly<Record<SplitName, readonly number[]>>;
  /** SHA-256 of token ids, read positions and labels. */
  readonly hash: string;
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
  { shots, seed }: { readonly shots: number; readonly seed: number },
): Promise<CellData> => {
  const { task, template } = prepared;
  const sets: Readonly<Record<SplitName, readonly Example[]>> =
    config.data === undefined
      ? await embeddedKShot({ name: task.name, shots, seed })
      : await loadKShot({ task, dataDir: config.data, shots, seed });
  const encode = compileTemplate(template, model.tokenizer, {
    maxLength: Math.min(task.maxLength, model.maxTokens),
    objective: model.objective,
    labelWordIds: verbalizer.labelWordIds,
    ...(task.firstSentenceLimit !== undefined && { firstSentenceLimit: task.firstSentenceLimit }),
    ...(task.otherSentenceLimit !== undefined && { otherSentenceLimit: task.otherSentenceLimit }),
  });
  const examples = {} as Record<SplitName, EncodedExample[]>;
  const labels = {} as Record<SplitName, number[]>;
  for (const split of splitNames) {
    const own = split === 'test' ? sets.test.slice(0, config.limitTest) : sets[split];
    labels[split] = goldOf(task, own);
    examples[split] = own.map(({ texts }, index) => {
      try {
        const { inputIds, position } = encode(texts);
        return { inputIds, position };
      } catch (error) {
        throw isNtkLensError(error) ? new BadExampleError(split, index, error) : error;
      }
    });
  }
  const hash = createHash('sha256')
    .update(JSON.stringify([examples, labels]))
    .digest('hex');
  return { shots, seed, examples, labels, hash };
};
