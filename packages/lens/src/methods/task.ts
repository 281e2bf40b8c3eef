import {
  BadArgumentError,
  type Example,
  type LongTaskOptions,
  Mt19937,
  perSplit,
  splitNames,
} from '@ntk-lens/core';
import { createVerbalizer, type EncodedPrompt, parseTemplate, type Verbalizer } from '@ntk-lens/prompts';
import { defineTask, sampleKShot, type TaskSpec } from '@ntk-lens/tasks';
import { NothingLeftError } from '../errors.js';
import type { Session } from '../session/session.js';
import type { ExampleSets, LensTask, PromptedTask } from '../task/lens-task.js';
import { loadTask, taskPrompt } from '../task/load-task.js';
import { isDataFile } from '../task/own-task.js';
import { type PreparedTask, prepareTask, withPrompt } from '../task/prepare-task.js';
import { plainEncoder } from '../task/prompt-encoder.js';
import type { ExamplesOptions, PromptOptions, TaskOptions } from '../task/task-options.js';
import { embedWith } from './forward.js';

/** The sample that is drawn where none is named. */
const defaultSample = { shots: 16, seed: 42 };

/** True where a task's prompts depend on the model's own embeddings, so that reading it computes. */
export const computes = ({ demonstrations }: Pick<TaskOptions, 'demonstrations'>): boolean =>
  demonstrations?.filter !== undefined;

/** `lens.prompt`: reads and prompts a k-shot sample. */
export const promptTask = async (
  session: Session,
  name: string,
  options: TaskOptions = {},
): Promise<PromptedTask> => {
  const { signal, onProgress, splits = splitNames, shots, seed, ...asked } = options;
  const sample = { shots: shots ?? defaultSample.shots, seed: seed ?? defaultSample.seed };
  const prepared = prepareTask(name, asked);
  const verbalizer = verbalizerOf(session, prepared, asked);
  const { train, dev, test } = await session.platform.readExamples(
    prepared.task,
    { ...asked, ...sample },
    splits,
  );
  const sets = { train, dev, test: limited(test, asked, sample.seed) };
  return withTaskPrompt(session, prepared, verbalizer, { ...sample, sets, asked }, { signal, onProgress });
};

/** `lens.task`: reads, prompts and tokenizes a k-shot sample. */
export const openTask = async (
  session: Session,
  name: string,
  options: TaskOptions = {},
): Promise<LensTask> => loadTask(await promptTask(session, name, options), session);

/** `lens.examples`: a task of texts in memory. */
export const examplesTask = async (session: Session, options: ExamplesOptions): Promise<LensTask> => {
  const {
    signal,
    onProgress,
    texts,
    labels,
    split,
    name = 'examples',
    metrics,
    shots,
    seed,
    ...asked
  } = options;
  const sample = { shots: shots ?? defaultSample.shots, seed: seed ?? defaultSample.seed };
  for (const [what, list] of Object.entries({ labels, split }))
    if (list && list.length !== texts.length)
      throw new BadArgumentError(what, `${list.length} entries`, `${texts.length}, one for every text`);
  const all = texts.map(
    (own, i): Example => ({ texts: typeof own === 'string' ? [own] : own, label: labels[i]! }),
  );
  const spec = defineTask({
    name,
    labels: Object.keys(asked.words),
    labelWords: asked.words,
    template: asked.template,
    textsPerExample: all[0]?.texts.length ?? 1,
    metrics: metrics ?? ['accuracy'],
  });
  checkTexts(
    spec,
    all.map((example) => example.texts),
  );
  const sets = split
    ? perSplit((own) => all.filter((_, i) => split[i] === own))
    : drawSets(all, spec, sample, 'The texts');
  const limited = { ...sets, test: sets.test.slice(0, asked.limitTest) };
  const prepared = withPrompt(spec, asked);
  const verbalizer = verbalizerOf(session, prepared, asked);
  const parts = { ...sample, sets: limited, asked };
  return loadTask(
    await withTaskPrompt(session, prepared, verbalizer, parts, { signal, onProgress }),
    session,
  );
};

/**
 * The test examples that are taken: the first of a set that somebody made, and a random part, in the order of the file, of the
 * rows that a sample of one file left over. Files are often sorted by label.
 */
const limited = (
  test: readonly Example[],
  { data, limitTest }: Pick<TaskOptions, 'data' | 'limitTest'>,
  seed: number,
): readonly Example[] => {
  if (limitTest === undefined || limitTest >= test.length) return test;
  if (!isDataFile(data)) return test.slice(0, limitTest);
  const order = [...test.keys()];
  new Mt19937(seed).shuffle(order);
  const kept = new Set(order.slice(0, limitTest));
  return test.filter((_, i) => kept.has(i));
};

/**
 * A k-shot sample of one list of examples, whose rest is the test set.
 *
 * @throws TooFewExamplesError, NothingLeftError
 */
export const drawSets = (
  pool: readonly Example[],
  { labels }: Pick<TaskSpec, 'labels'>,
  { shots, seed }: { readonly shots: number; readonly seed: number },
  source: string,
): ExampleSets => {
  const { train, dev } = sampleKShot(pool, { shots, seed, labels });
  const used = new Set([...train, ...dev]);
  const test = pool.filter((example) => !used.has(example));
  if (test.length === 0) throw new NothingLeftError(source, shots);
  return { train, dev, test };
};

/** `lens.encode`: new texts, which stand where test examples would. */
export const encodeTexts = async (
  session: Session,
  task: PromptedTask,
  texts: readonly (string | readonly string[])[],
  long: LongTaskOptions = {},
): Promise<EncodedPrompt[]> => {
  const own = texts.map((one) => (typeof one === 'string' ? [one] : one));
  checkTexts(task.spec, own);
  if (!task.prompt) return plainEncoder(task.spec, session)('test', own);
  const prepared = { task: task.spec, template: parseTemplate(task.spec.template) };
  const sets = { ...task.sets, test: own.map((one) => ({ texts: one, label: '' })) };
  const { verbalizer } = task.prompt;
  const embed = embedWith(session, task.spec, long);
  const prompt = await taskPrompt(prepared, session, verbalizer, { asked: task.asked, sets }, embed);
  return prompt.encode('test', prompt.texts.contexts[0]!.test);
};

/** @throws BadArgumentError for an example with another number of texts than the task's */
const checkTexts = (
  { textsPerExample }: Pick<TaskSpec, 'textsPerExample'>,
  texts: readonly (readonly string[])[],
): void => {
  const bad = texts.findIndex((own) => own.length !== textsPerExample);
  if (bad >= 0)
    throw new BadArgumentError(
      `texts[${bad}]`,
      `${texts[bad]!.length} texts`,
      `${textsPerExample} for an example`,
    );
};

/**
 * Label words as tokens of the model; undefined without a prompt.
 *
 * @throws MissingLabelsError, MultiTokenLabelWordError, UnknownLabelWordError, DuplicateLabelWordError
 */
const verbalizerOf = (
  { tokenizer }: Session,
  { task }: PreparedTask,
  { prompt, labelRule }: PromptOptions,
): Verbalizer | undefined =>
  prompt === false
    ? undefined
    : createVerbalizer(task.labelWords, task.labels, tokenizer, { rule: labelRule });

const withTaskPrompt = async (
  session: Session,
  prepared: PreparedTask,
  verbalizer: Verbalizer | undefined,
  parts: Omit<PromptedTask, 'spec' | 'prompt'>,
  long: LongTaskOptions,
): Promise<PromptedTask> => {
  const embed = embedWith(session, prepared.task, long);
  const prompt = verbalizer && (await taskPrompt(prepared, session, verbalizer, parts, embed));
  return { spec: prepared.task, ...parts, prompt };
};
