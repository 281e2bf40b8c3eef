import { splitNames } from '@ntk-lens/core';
import type { LensTask } from '@ntk-lens/lens';
import { parameterCount } from '@ntk-lens/models';
import { createOptimizer, isFull, parseSpace } from '@ntk-lens/subspace';
import type { FineTuneSettings } from '../../options/training.js';
import { type CellWork, type Forecaster, passesOf, workTogether } from './cell-work.js';

/** Forward and backward passes are about three forward passes. */
export const PASSES = 3;

/** Bytes of a stored number. */
const FLOAT = 4;

/** Numbers of a model, and those of them or of a space over it that a training keeps: word embeddings of its tokens alone move. */
const sizesOf = async (
  { model }: Forecaster,
  { examples }: LensTask,
  name: string,
): Promise<{ readonly all: number; readonly moving: number }> => {
  const all = parameterCount(model);
  const space = parseSpace(name);
  if (!isFull(space)) return { all, moving: (await space.apply(model, { seed: 0 })).dimension };
  const { config } = model;
  const tokens = new Set(
    splitNames.flatMap((split) => examples[split].flatMap(({ inputIds }) => [...inputIds])),
  );
  const width = 'embeddingSize' in config ? config.embeddingSize : config.hiddenSize;
  return { all, moving: all - (config.vocabSize - tokens.size) * width };
};

/** The work of a training: its passes over batches, and the evaluations, by the work of a forward pass. */
export const trainingWork = async (
  lens: Forecaster,
  task: LensTask,
  settings: FineTuneSettings,
): Promise<CellWork> => {
  const { learningRates, batchSizes, steps, evaluateEvery, optimizer, space, trajectory = [] } = settings;
  // The kernel of a regression has one output, as its logits are read.
  const binary = task.spec.kind === 'regression';
  const kernel = await lens.kernelWork(task, { formula: 'sgd', binary });
  const { dev, test } = task.examples;
  const evaluations = Math.ceil(steps / (evaluateEvery ?? Math.max(1, Math.floor(steps / 10)))) + 1;
  const points = batchSizes.map((batch) => PASSES * steps * batch + evaluations * dev.length);
  const trained = learningRates.length * points.reduce((sum, examples) => sum + examples, 0);
  const { all, moving } = await sizesOf(lens, task, space);
  const grid = learningRates.length * batchSizes.length;
  const state = createOptimizer({ name: optimizer }).state.length;
  return workTogether([
    passesOf(kernel, trained + 2 * (dev.length + test.length)),
    {
      ...{ seconds: 0, flops: 0 },
      // The best values and the trajectory of every point of the grid, and the tuned model.
      bytes: FLOAT * (grid * moving * (1 + trajectory.length) + (isFull(parseSpace(space)) ? all : moving)),
      // Values, gradients and the optimizer's state of what moves, next to the weights.
      peakBytes: FLOAT * (all + moving * (2 + state)),
    },
  ]);
};
