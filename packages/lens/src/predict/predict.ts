import { type LongTaskOptions, type NDArray, ndarray } from '@ntk-lens/core';
import { computeKernels } from '@ntk-lens/kernels';
import { classifierModel, forwardLogits } from '@ntk-lens/models';
import { predictions } from '@ntk-lens/subspace';
import { NotPredictableError } from '../errors.js';
import type { FineTuned } from '../fine-tune/fine-tuned.js';
import { planKernel } from '../methods/kernel-request.js';
import { fitProbe } from '../methods/probe-head.js';
import { encodeTexts } from '../methods/task.js';
import type { Session } from '../session/session.js';
import { answersOf } from '../solve/answers.js';
import type { Solved } from '../solve/solve-kernel.js';
import { asRead } from '../task/label-words.js';
import type { LensTask } from '../task/lens-task.js';

/** The prediction for one text. */
export interface Prediction {
  /** The likeliest label; absent for a regression. */
  readonly label?: string;
  /** A score in the task's range; absent for labels. */
  readonly score?: number;
  /** The basis of the prediction: a number for every label, or for the one output. */
  readonly outputs: readonly number[];
}

/** `lens.predict`: new texts, through a solved kernel or a fine-tuned model. */
export const predict = async (
  session: Session,
  by: Solved | FineTuned,
  texts: readonly (string | readonly string[])[],
  long: LongTaskOptions = {},
): Promise<readonly Prediction[]> => {
  const task = 'kernel' in by ? await taskBehind(session, by) : by.task;
  const prompts = await encodeTexts(session, task, texts, long);
  if (prompts.length === 0) return [];
  const examples = prompts.map((one) => asRead(one, task.prompt?.verbalizer, session));
  if ('kernel' in by) {
    const outputs = by.fitted.predict(await newSplit(session, by, task, examples, long));
    return asPredictions(task, outputs, answersOf(by.kernel).of(outputs));
  }
  const { labelWordIds } = task;
  const runtime = await session.shared.open();
  const { memory } = session;
  const outputs = await forwardLogits({ model: by.model, runtime, memory, examples, labelWordIds, ...long });
  return asPredictions(task, outputs, predictions(outputs, task.range));
};

/** @throws NotPredictableError */
const taskBehind = async ({ model }: Session, { kernel }: Solved): Promise<LensTask> => {
  if (!kernel.origin)
    throw new NotPredictableError(
      'a kernel that was loaded, without its training examples',
      'Compute it with `lens.kernel` and the `directory` that holds it, which reads what is finished there.',
    );
  if (kernel.identity['modelHash'] !== (await model.hash()))
    throw new NotPredictableError('a kernel of another model', 'Predict with a session of the same model.');
  return kernel.origin.task;
};

/** Kernels between the training examples and new ones. */
const newSplit = async (
  session: Session,
  { kernel }: Solved,
  task: LensTask,
  test: LensTask['examples']['test'],
  long: LongTaskOptions,
) => {
  const { request } = await planKernel(session, task, kernel.origin?.choice ?? {});
  const head = task.prompt ? undefined : await fitProbe(session, task, long);
  const { test: found } = await computeKernels({
    ...request,
    ...{ model: head ? classifierModel(session.model, head) : request.model, queries: { test } },
    runtime: await session.shared.open(),
    ...long,
  });
  if (!found) throw new Error('computeKernels left a split out');
  return { ...found, labels: ndarray<'int32'>(new Int32Array(test.length), [test.length]) };
};

const asPredictions = (
  { spec }: LensTask,
  { data, shape: [, width = 0] }: NDArray,
  answers: ArrayLike<number>,
): Prediction[] =>
  Array.from(answers, (answer, i) => {
    const outputs = Array.from(data.slice(i * width, (i + 1) * width), Number);
    return spec.kind === 'regression' ? { score: answer, outputs } : { label: spec.labels[answer]!, outputs };
  });
