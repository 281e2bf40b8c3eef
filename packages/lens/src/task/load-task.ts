import { perSplit, sha256 } from '@ntk-lens/core';
import type { Verbalizer } from '@ntk-lens/prompts';
import { goldOf, type TaskSpec } from '@ntk-lens/tasks';
import { asRead, labelWordIdsOf } from './label-words.js';
import type { LensTask, PromptedTask, TaskPrompt } from './lens-task.js';
import type { PreparedTask } from './prepare-task.js';
import { type PromptReader, plainEncoder, promptEncoder } from './prompt-encoder.js';
import { type Embed, promptTexts } from './prompt-texts.js';

/** The prompt of a task for a model, its demonstrations drawn. */
export const taskPrompt = async (
  prepared: PreparedTask,
  reader: PromptReader,
  verbalizer: Verbalizer,
  { asked, sets }: Pick<PromptedTask, 'asked' | 'sets'>,
  embed: Embed,
): Promise<TaskPrompt> => {
  const texts = await promptTexts(prepared, asked, sets, reader.objective, embed);
  return { verbalizer, texts, encode: promptEncoder(prepared.task, texts, verbalizer, reader) };
};

/**
 * Tokenizes the examples of a sample.
 *
 * @throws BadExampleError with the place of an example that does not fit
 */
export const loadTask = async (task: PromptedTask, reader: PromptReader): Promise<LensTask> => {
  const { spec, sets, prompt } = task;
  const gold = perSplit((split) => goldOf(spec, sets[split]));
  const encode = prompt?.encode ?? plainEncoder(spec, reader);
  const texts = prompt?.texts.contexts[0] ?? perSplit((split) => sets[split].map((own) => own.texts));
  const examples = perSplit((split) =>
    encode(split, texts[split]).map((one) => asRead(one, prompt?.verbalizer, reader)),
  );
  return {
    ...{ ...task, examples, gold },
    labelWordIds: prompt ? labelWordIdsOf(prompt.verbalizer) : spec.labels.map((_, label) => label),
    labels: perSplit((split) => labelsOf(spec, gold[split])),
    range: spec.kind === 'regression' ? spec.range : undefined,
    hash: sha256()
      .update(JSON.stringify([examples, gold]))
      .hex(),
  };
};

/** Label indices; for a regression the pole that each score is nearer to. */
const labelsOf = (
  { kind, range: [low, high] = [0, 1] }: TaskSpec,
  gold: readonly number[],
): readonly number[] =>
  kind === 'regression' ? gold.map((score) => (score > (low + high) / 2 ? 1 : 0)) : gold;
