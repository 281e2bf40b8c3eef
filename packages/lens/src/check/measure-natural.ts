import { type LongTaskOptions, type NDArray, ndarray } from '@ntk-lens/core';
import { encoderStates } from '@ntk-lens/models';
import { fitLinearProbe } from '@ntk-lens/solvers';
import { type ClassifierHead, randomHead } from '@ntk-lens/subspace';
import { outputDerivatives } from '@ntk-lens/tensor-programs';
import { labelLogits } from '../methods/forward.js';
import type { Session } from '../session/session.js';
import type { LensTask } from '../task/lens-task.js';
import type { NaturalMeasurement } from './check.js';

const RANDOM_HEADS = 3;

/**
 * |χ| at θ₀ on train and test, asked in four ways. The first two have the prompt, with its label words and
 * with shuffled ones (all cyclic shifts). The others have no prompt: a linear probe on frozen features is the
 * head, or random heads, as standard fine-tuning starts.
 *
 * @param plain the same sample without its prompt
 */
export const measureNatural = async (
  session: Session,
  task: LensTask,
  plain: LensTask,
  long: LongTaskOptions,
): Promise<NaturalMeasurement> => {
  const { model, shared, memory } = session;
  const { shots, seed, labelWordIds } = task;
  const runtime = await shared.open();
  const classes = labelWordIds.length;
  const indices = labelWordIds.map((_, c) => c);
  const statesOf = (name: 'train' | 'test') =>
    encoderStates({ model, runtime, memory, examples: plain.examples[name], pooling: 'readout', ...long });
  const states = { train: await statesOf('train'), test: await statesOf('test') };
  const targets = ndarray<'int32'>(Int32Array.from(plain.labels.train), [plain.labels.train.length]);
  const probe = await fitLinearProbe(states.train, targets, { classes, ...long });
  const random = Array.from({ length: RANDOM_HEADS }, (_, k) => randomHead(model, classes, seed + k));
  const split = async (name: 'train' | 'test'): Promise<Record<string, readonly number[]>> => {
    const labels = task.labels[name];
    const prompted = await labelLogits(session, task.examples[name], labelWordIds, long);
    const sizes = (logits: NDArray, shift = 0) =>
      outputDerivatives(
        logits,
        labels.map((label) => (label + shift) % classes),
      ).sizes;
    return {
      prompt: [...sizes(prompted)],
      'label words shuffled': meanOf(indices.slice(1).map((shift) => sizes(prompted, shift))),
      'no prompt, linear probe': [...sizes(headOutputs(probe, states[name]))],
      'random head': meanOf(random.map((head) => sizes(headOutputs(head, states[name])))),
    };
  };
  return { shots, seed, train: await split('train'), test: await split('test') };
};

/** W h + b of every state h. */
const headOutputs = ({ weights, bias }: ClassifierHead, { data, shape }: NDArray): NDArray<'float64'> => {
  const [n, width] = shape as [number, number];
  const classes = bias.data.length;
  const outputs = Float64Array.from({ length: n * classes }, (_, at) => {
    const [i, c] = [Math.floor(at / classes), at % classes];
    let sum = bias.data[c]!;
    for (let k = 0; k < width; k++) sum += weights.data[c * width + k]! * data[i * width + k]!;
    return sum;
  });
  return ndarray<'float64'>(outputs, [n, classes]);
};

const meanOf = (rows: readonly Float64Array[]): number[] =>
  Array.from(rows[0]!, (_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
