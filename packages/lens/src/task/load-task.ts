import { createVerbalizer } from '@ntk-lens/prompts';
import { goldOf, type TaskSpec } from '@ntk-lens/tasks';
import { sha256 } from '../sha256.js';
import { type ExampleSets, type LensTask, perSplit, type TaskPrompt } from './lens-task.js';
import type { PreparedTask } from './prepare-task.js';
import { type PromptReader, plainEncoder, promptEncoder } from './prompt-encoder.js';
import { type Embed, promptTexts } from './prompt-texts.js';

/** What a task is made of besides its spec. */
export interface TaskParts extends Pick<LensTask, 'shots' | 'seed' | 'sets' | 'asked'> {
  /** For a similarity filter of demonstrations. */
  readonly embed?: Embed;
}

/**
 * Prompts and tokenizes the examples of one sample.
 *
 * @throws MissingLabelsError, MultiTokenLabelWordError, UnknownLabelWordError, DuplicateLabelWordError;
 *   BadExampleError with the place of an example that does not fit
 */
export const loadTask = async (
  prepared: PreparedTask,
  reader: PromptReader,
  { embed, ...parts }: TaskParts,
): Promise<LensTask> => {
  const { task } = prepared;
  const { sets, asked } = parts;
  const gold = perSplit((split) => goldOf(task, sets[split]));
  const prompt =
    asked.prompt === false ? undefined : await taskPrompt(prepared, reader, { asked, sets, embed });
  const encode = prompt?.encode ?? plainEncoder(task, reader);
  const texts = prompt?.texts.contexts[0] ?? perSplit((split) => sets[split].map((own) => own.texts));
  const examples = perSplit((split) =>
    encode(split, texts[split]).map(({ inputIds, position }) => ({ inputIds, position })),
  );
  return {
    ...{ spec: task, ...parts, prompt, examples, gold },
    labelWordIds: prompt?.verbalizer.labelWordIds ?? task.labels.map((_, label) => label),
    labels: perSplit((split) => labelsOf(task, gold[split])),
    range: task.kind === 'regression' ? task.range : undefined,
    hash: await sha256(JSON.stringify([examples, gold])),
  };
};

/** The prompt of a task for a model, its demonstrations drawn. */
export const taskPrompt = async (
  prepared: PreparedTask,
  reader: PromptReader,
  { asked, sets, embed }: { asked: LensTask['asked']; sets: ExampleSets; embed?: Embed },
): Promise<TaskPrompt> => {
  const { labelWords, labels } = prepared.task;
  const verbalizer = createVerbalizer(labelWords, labels, reader.tokenizer, { rule: asked.labelRule });
  const texts = await promptTexts(prepared, asked, sets, reader.objective, embed);
  return { verbalizer, texts, encode: promptEncoder(prepared.task, texts, verbalizer, reader) };
};

/** Label indices; for a regression the pole that each score is nearer to. */
const labelsOf = (
  { kind, range: [low, high] = [0, 1] }: TaskSpec,
  gold: readonly number[],
): readonly number[] =>
  kind === 'regression' ? gold.map((score) => (score > (low + high) / 2 ? 1 : 0)) : gold;
