import type { LongTaskOptions } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { parametrize, randomModel } from '@ntk-lens/models';
import { type FineTuned, fineTune, optimizerNamed } from '@ntk-lens/subspace';
import { vocabulary } from '../language/lexicon.js';
import { maskedCorpus } from '../language/masked-corpus.js';
import { modelConfigOf, type PretrainingScheme } from './scheme.js';

export interface PretrainModelOptions extends LongTaskOptions {
  readonly runtime: Runtime;
  readonly scheme: PretrainingScheme;
  readonly width: number;
  /** Seed of the initial weights and of the order of texts. */
  readonly seed: number;
  /** Checkpoints are kept here; a training that was interrupted here goes on, to the same bytes. */
  readonly directory?: string;
}

/**
 * Pre-trains one masked language model of the generated language: cross-entropy of the masked word over the whole
 * vocabulary, from random weights of the scheme's parametrization, with its learning rates.
 *
 * @returns the model after the last step, and the loss of every step's texts before it
 */
export const pretrainModel = async (options: PretrainModelOptions): Promise<FineTuned> => {
  const { runtime, scheme, width, seed, directory, ...long } = options;
  const { parametrization: name, baseWidth, steps, batchSize } = scheme;
  const config = modelConfigOf(scheme, width);
  const parametrization = { name, baseWidth };
  const { examples, words } = maskedCorpus({ size: steps * batchSize, seed: scheme.languageSeed });
  return fineTune({
    ...long,
    runtime,
    model: randomModel(config, { parametrization, seed, zero: scheme.zero }),
    labelWordIds: vocabulary.map((_, id) => id),
    train: { examples, labels: words },
    optimizer: { name: scheme.optimizer },
    learningRate: scheme.learningRate,
    learningRateScale: parametrize(config, parametrization).learningRateScale(
      optimizerNamed(scheme.optimizer).stepKind,
    ),
    schedule: { warmUpSteps: Math.floor(steps / 10) },
    steps,
    batchSize,
    seed,
    dropout: false,
    checkpointEvery: Math.max(1, Math.ceil(steps / 5)),
    directory,
  });
};
