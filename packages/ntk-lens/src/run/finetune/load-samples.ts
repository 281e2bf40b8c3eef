import { type EncodedExample, isNtkLensError, type LongTaskOptions, type SplitName } from '@ntk-lens/core';
import { encodeWithoutPrompt } from '@ntk-lens/prompts';
import { checkDevelopmentSet } from '@ntk-lens/subspace';
import { goldOf, type TaskSpec } from '@ntk-lens/tasks';
import { exampleSets } from '../../data/example-sets.js';
import { BadExampleError, TaskNotPossibleError } from '../errors.js';
import { loadCell } from '../load-cell.js';
import type { OpenedModel } from '../model/opened-model.js';
import { preparePrompt, prepareVerbalizer } from '../prepare-task.js';
import { splitNames } from '../store/kernel-names.js';
import type { FineTuneConfig } from './resolve-fine-tune.js';

/** One k-shot sample, tokenized. */
export interface TrainingSample {
  readonly shots: number;
  readonly seed: number;
  readonly examples: Readonly<Record<SplitName, readonly EncodedExample[]>>;
  readonly labels: Readonly<Record<SplitName, readonly number[]>>;
}

export interface PreparedSamples {
  readonly task: TaskSpec;
  /** In label order; numbers of the classes without a prompt. */
  readonly labelWordIds: readonly number[];
  readonly labelWords: readonly string[];
  readonly samples: readonly TrainingSample[];
}

/**
 * The samples of an experiment, prompted, or as they are where a classifier is trained.
 *
 * @throws what tasks, templates and label words cause; TaskNotPossibleError; BadExampleError; DevelopmentSetError
 */
export const loadSamples = async (
  config: FineTuneConfig,
  model: OpenedModel,
  options: LongTaskOptions,
): Promise<PreparedSamples> => {
  const prepared = await samplesOf(config, model, options);
  for (const { examples, labels } of prepared.samples)
    checkDevelopmentSet({ examples: examples.dev, labels: labels.dev });
  return prepared;
};

const samplesOf = async (
  { run, training }: FineTuneConfig,
  model: OpenedModel,
  options: LongTaskOptions,
): Promise<PreparedSamples> => {
  const prepared = preparePrompt(run);
  const { task } = prepared;
  const keys = run.shots.flatMap((shots) => run.seeds.map((seed) => ({ shots, seed })));
  if (training.standard) {
    if (task.kind === 'regression') {
      throw new TaskNotPossibleError(
        task.name,
        'its labels are scores, and a classifier has labels',
        'Leave --standard out: the prompt’s two label words take scores.',
      );
    }
    const samples: TrainingSample[] = [];
    for (const key of keys) samples.push(await withoutPrompt(run, task, model, key));
    return { task, labelWordIds: task.labels.map((_, i) => i), labelWords: [], samples };
  }
  if (run.labelRule === 'mean' || run.labelRule === 'joint') {
    throw new TaskNotPossibleError(
      task.name,
      `--label-rule ${run.labelRule} reads several logits per label, and training needs one`,
      'Choose the rule single or first.',
    );
  }
  const verbalizer = prepareVerbalizer(task, model.tokenizer, run.labelRule);
  const samples: TrainingSample[] = [];
  for (const key of keys) {
    const { shots, seed, examples, labels } = await loadCell(run, prepared, verbalizer, model, key, options);
    samples.push({ shots, seed, examples, labels });
  }
  return {
    task,
    labelWordIds: verbalizer.labelWordIds,
    labelWords: verbalizer.words.map(({ word }) => word),
    samples,
  };
};

const withoutPrompt = async (
  run: FineTuneConfig['run'],
  task: TaskSpec,
  { tokenizer, maxTokens, objective }: OpenedModel,
  key: { readonly shots: number; readonly seed: number },
): Promise<TrainingSample> => {
  const sets = await exampleSets(run, task, key);
  const maxLength = Math.min(task.maxLength, maxTokens);
  const examples = {} as Record<SplitName, EncodedExample[]>;
  const labels = {} as Record<SplitName, readonly number[]>;
  for (const split of splitNames) {
    labels[split] = goldOf(task, sets[split]);
    examples[split] = sets[split].map(({ texts }, index) => {
      try {
        const { inputIds, position } = encodeWithoutPrompt(texts, tokenizer, { maxLength, objective });
        return { inputIds, position };
      } catch (error) {
        throw isNtkLensError(error) ? new BadExampleError(split, index, error) : error;
      }
    });
  }
  return { ...key, examples, labels };
};
