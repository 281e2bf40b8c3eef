import type { LongTaskOptions, NDArray } from '@ntk-lens/core';
import { throwIfCancelled } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import type { LabelWordIds } from '@ntk-lens/models';
import {
  BatchOrder,
  type LabelledExamples,
  type Optimizer,
  type SpaceModel,
  Trainer,
  targetsOf,
} from '@ntk-lens/subspace';

/** The first steps of a training: constant learning rate, no dropout, no clipping, so that optimizers compare. */
export interface ShortTraining extends LongTaskOptions {
  readonly runtime: Runtime;
  /** The start of training: the model in its space. */
  readonly space: SpaceModel;
  /** Token ids of the label words, in label order. */
  readonly labelWordIds: LabelWordIds;
  readonly train: LabelledExamples;
  /** Examples whose outputs are looked at. */
  readonly examples: LabelledExamples['examples'];
  readonly learningRate: number;
  readonly batchSize: number;
  /** Optimizer steps. */
  readonly steps: number;
  /** Budget in bytes for everything, weights included. Default: 4 GiB. */
  readonly memory?: number;
  /** Seed of the order of examples, which is that of `fineTune`. */
  readonly seed: number;
}

/** Values of all trainable variables, by key. */
export type Values = ReadonlyMap<string, NDArray<'float32'>>;

/** Downloads all trainable variables. */
export const valuesOf = async ({ plan, store }: Trainer): Promise<Values> => {
  const values = new Map<string, NDArray<'float32'>>();
  for (const variable of plan.variables) values.set(variable.key, await store.download(variable));
  return values;
};

/**
 * Takes the first steps of a training.
 *
 * @param before called with the trainer at θ₀
 * @param after called after each step with the trainer, the step from 1 and the examples of its batch
 */
export const trainShortly = async (
  training: ShortTraining,
  optimizer: Optimizer,
  after: (trainer: Trainer, step: number, batch: readonly number[]) => Promise<void>,
  before?: (trainer: Trainer) => Promise<void>,
): Promise<void> => {
  const { runtime, space, labelWordIds, train, examples, learningRate, steps, memory } = training;
  const { signal, onProgress } = training;
  const trainer = await Trainer.open(
    {
      ...{ runtime, model: space, labelWordIds, optimizer, memory, loss: 'cross-entropy' },
      trainable: (name) => space.trainable.has(name),
      train: train.examples,
      evaluated: examples,
    },
    { signal },
  );
  try {
    await before?.(trainer);
    const order = new BatchOrder(train.examples.length, training.batchSize, training.seed);
    for (let step = 1; step <= steps; step++) {
      throwIfCancelled(signal, 'The training');
      const batch = order.batch(step - 1);
      const targets = targetsOf(
        batch.map((i) => train.labels[i]!),
        labelWordIds.length,
      );
      await trainer.accumulate({ examples: batch.map((i) => train.examples[i]!), targets }, batch.length);
      await trainer.step(step, learningRate, undefined);
      await after(trainer, step, batch);
      onProgress?.({ phase: 'first steps', done: step, total: steps, unit: 'steps', detail: optimizer.name });
    }
  } finally {
    await trainer.release();
  }
};
