import { BadArgumentError, type LongTaskOptions, sha256, withDefaults } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import type { ParameterFilter } from '@ntk-lens/kernels';
import { type LossName, targetsOf } from '@ntk-lens/kernels';
import type { LabelWordIds, LanguageModel } from '@ntk-lens/models';
import { createOptimizer } from '../optimizers/create-optimizer.js';
import type { OptimizerOptions } from '../optimizers/index.js';
import { learningRateAt, type Schedule } from '../schedule.js';
import type { TunedVariable } from '../variables/tuned-model.js';
import { checkDevelopmentSet, fractionRight, type LabelledExamples, type Metric } from './development.js';
import type { LearningRateScale } from './trainer.js';
import type { HistoryEntry } from './training-record.js';

export interface FineTuneOptions extends LongTaskOptions {
  readonly runtime: Runtime;
  /** The model at its starting point, for example in a parameter space. */
  readonly model: LanguageModel;
  /** Parameters that move, by name. Default: those of the space where `model` is in one, else all. */
  readonly trainable?: ParameterFilter;
  /** Token ids of the label words, in label order. */
  readonly labelWordIds: LabelWordIds;
  readonly train: LabelledExamples;
  /** Chooses the step whose parameters are kept. Without it the last ones are. */
  readonly dev?: LabelledExamples;
  /** Score on the development set; larger is better. Default: the fraction of right labels. */
  readonly metric?: Metric;
  /** Labels are numbers in this range, between the two label words (LM-BFF's regression). */
  readonly range?: readonly [number, number];
  readonly loss?: LossName;
  readonly optimizer: OptimizerOptions;
  readonly learningRate: number;
  readonly schedule?: Schedule;
  /** Optimizer steps. */
  readonly steps: number;
  /** Examples that run together. Default: 8. */
  readonly batchSize?: number;
  /** Batches whose gradients make one step. Default: 1. */
  readonly accumulationSteps?: number;
  /** Largest global norm of the gradient. Default: no limit; the protocol of docs/theory.md, Protocol, says 1. */
  readonly clipNorm?: number;
  /** Parameters that weight decay changes. Default: all. */
  readonly decayed?: ParameterFilter;
  /** Factor on the learning rate of each parameter. Default: 1. */
  readonly learningRateScale?: LearningRateScale;
  /** Drop units where transformers does, with the model's probabilities. Default: true. */
  readonly dropout?: boolean;
  /** Seed of the order of examples and of dropout. Default: 0. */
  readonly seed?: number;
  /** Steps between evaluations on dev; the last step is always one. Default: a tenth of all. */
  readonly evaluateEvery?: number;
  /** Stop after so many evaluations in a row without a better score. Default: never. */
  readonly patience?: number;
  /** Budget in bytes for everything: frozen weights that exceed it are read stage by stage in every step. Default: 4 GiB. */
  readonly memory?: number;
  /** Read frozen weights stage by stage, or not, whatever the budget. The numbers are the same. */
  readonly streamed?: boolean;
  /** In Node, checkpoints are kept here; a training that was interrupted here goes on, to the same bytes. */
  readonly directory?: string;
  /** Steps between checkpoints. Default: with every evaluation. */
  readonly checkpointEvery?: number;
  /** Steps after which the values of all variables are written to `directory`, `trajectory/step-<n>.safetensors`. */
  readonly trajectory?: readonly number[];
}

export interface FineTuned {
  /** The model at the kept point; in the space where the model was in one, its parameters are read from it. */
  readonly model: LanguageModel;
  /** The variables that moved, at the kept point. */
  readonly values: readonly TunedVariable[];
  /** Step of the kept point, and its score on dev. */
  readonly kept: { readonly step: number; readonly score?: number };
  readonly history: readonly HistoryEntry[];
  /** Steps that were taken: fewer than asked for after an early stop. */
  readonly steps: number;
}

/** The trainable parameters of a model in a space; all of any other. */
const movesIn = (model: LanguageModel): ParameterFilter => {
  const { trainable } = model as LanguageModel & { readonly trainable?: ReadonlyMap<string, unknown> };
  return trainable ? (name) => trainable.has(name) : () => true;
};

/** Options in which everything that has a default is there. */
export const completeOptions = (options: FineTuneOptions) => ({
  ...withDefaults(
    {
      trainable: movesIn(options.model),
      metric: fractionRight,
      loss: 'cross-entropy',
      ...{ batchSize: 8, accumulationSteps: 1, dropout: true, seed: 0 },
    },
    options,
  ),
  schedule: withDefaults({ decay: 'linear', warmUpSteps: 0 }, options.schedule),
});

export type CompleteOptions = ReturnType<typeof completeOptions>;

/**
 * Refuses what `fineTune` would refuse before any work, except for what depends on the model.
 *
 * @throws BadArgumentError, DevelopmentSetError
 * @internal
 */
export const checkFineTuneOptions = (options: Omit<FineTuneOptions, 'runtime' | 'model'>): void => {
  const { train, dev, steps, labelWordIds, range } = options;
  const {
    batchSize = 1,
    accumulationSteps = 1,
    evaluateEvery = 1,
    checkpointEvery = 1,
    patience = 1,
  } = options;
  const counts = { steps, batchSize, accumulationSteps, evaluateEvery, checkpointEvery, patience };
  for (const [name, value] of Object.entries(counts))
    if (!(Number.isInteger(value) && value >= 1))
      throw new BadArgumentError(name, value, 'a positive integer');
  const { learningRate, clipNorm } = options;
  if (!(learningRate > 0 && learningRate < Infinity))
    throw new BadArgumentError('learningRate', learningRate, 'a positive number');
  if (clipNorm !== undefined && !(clipNorm > 0))
    throw new BadArgumentError('clipNorm', clipNorm, 'a positive number');
  learningRateAt(options.schedule ?? {}, learningRate, 1, steps);
  if (train.examples.length === 0) throw new BadArgumentError('train', 'no examples', 'at least one');
  if (train.labels.length !== train.examples.length)
    throw new BadArgumentError(
      'train.labels',
      train.labels.length,
      `${train.examples.length}, one per example`,
    );
  if (options.trajectory && options.directory === undefined)
    throw new BadArgumentError('trajectory', 'no directory', 'one to write to');
  if (dev) {
    checkDevelopmentSet(dev);
    targetsOf(dev.labels, labelWordIds.length, range);
  }
  createOptimizer(options.optimizer);
};

/** Everything that the bytes of the result depend on. */
export const identityOf = async (options: CompleteOptions): Promise<Record<string, unknown>> => {
  const { model, train, dev, runtime } = options;
  const { learningRateScale: scale } = options;
  const sha = (value: unknown) => sha256().update(JSON.stringify(value)).hex();
  return {
    model: await model.hash(),
    parameters: sha([...model.parameters.keys()].filter(options.trainable)),
    labelWordIds: options.labelWordIds,
    train: sha(train),
    dev: dev ? sha(dev) : null,
    loss: options.loss,
    range: options.range ?? null,
    optimizer: createOptimizer(options.optimizer).name,
    learningRate: options.learningRate,
    learningRateScale: scale && sha([...model.parameters.keys()].map((name) => scale(name))),
    schedule: options.schedule,
    steps: options.steps,
    batchSize: options.batchSize,
    accumulationSteps: options.accumulationSteps,
    clipNorm: options.clipNorm ?? null,
    decayed: options.decayed ? sha([...model.parameters.keys()].filter(options.decayed)) : null,
    dropout: options.dropout,
    seed: options.seed,
    evaluateEvery: options.evaluateEvery ?? null,
    patience: options.patience ?? null,
    runtime: `${runtime.info.runtime} ${runtime.info.version}, ${runtime.info.threads} threads`,
  };
};
