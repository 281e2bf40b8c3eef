import {
  BadArgumentError,
  type EncodedExample,
  Mt19937,
  type NDArray,
  ndarray,
  sizeOf,
} from '@ntk-lens/core';
import type { LanguageModel, ModelConfig } from '@ntk-lens/models';
import type { PerceptronShape } from './perceptron-shape.js';
import { INPUT_TABLE, perceptronStages } from './perceptron-stages.js';

/** The perceptron and its inputs. */
export interface PerceptronOptions extends PerceptronShape {
  readonly width: number;
  /** `[examples, d]`; example i of the model is row i. */
  readonly inputs: NDArray;
  /** Outputs of the network. Default: 1. */
  readonly outputs?: number;
  /** Seed of the parameters, all from N(0, 1). */
  readonly seed: number;
}

/** A perceptron that everything which takes a language model takes. */
export interface PerceptronModel extends LanguageModel {
  /** Row i of the inputs, as an example. */
  readonly examples: readonly EncodedExample[];
  /** Ids of all outputs, in place of label words. */
  readonly outputIds: readonly number[];
  /** The parameters of kernels and training: everything but the inputs. */
  readonly isParameter: (name: string) => boolean;
}

/**
 * A randomly initialized multilayer perceptron as a model of this project, so that kernels, parameter spaces and training
 * work on it as on a transformer. Its inputs are rows of a table, chosen by the only token of an example.
 *
 * @example
 * ```ts
 * const model = perceptronModel({ nonlinearity: 'erf', hiddenLayers: 2, width: 512, inputs, seed: 0 });
 * const { train } = await computeKernels({
 *   model, runtime, formula: 'sgd', train: model.examples, queries: {},
 *   labelWordIds: model.outputIds, parameters: model.isParameter,
 * });
 * ```
 * @throws BadArgumentError
 */
export const perceptronModel = (options: PerceptronOptions): PerceptronModel => {
  const { width, inputs, outputs = 1, seed, ...shape } = options;
  for (const [name, value] of Object.entries({ width, outputs })) {
    if (!(Number.isInteger(value) && value >= 1))
      throw new BadArgumentError(name, value, 'a positive integer');
  }
  const [examples = 0, features = 0, ...more] = inputs.shape;
  if (examples === 0 || features === 0 || more.length > 0)
    throw new BadArgumentError('inputs', `shape [${inputs.shape}]`, '[examples, features]');
  const stages = (rows: readonly number[]) =>
    perceptronStages(shape, { width, features, examples, outputs }, rows);
  const outputIds = Array.from({ length: outputs }, (_, i) => i);
  const references = stages(outputIds).flatMap(({ weights }) => Object.values(weights));
  const parameters = new Map(references.map(({ name, shape }) => [name, shape]));
  const names = [...parameters.keys()];

  return {
    config: configOf(width, Math.max(examples, outputs), shape.hiddenLayers),
    parameters,
    examples: Array.from({ length: examples }, (_, i) => ({ inputIds: [i], position: 0 })),
    outputIds,
    isParameter: (name) => name !== INPUT_TABLE,
    stages,
    read: async (name) => {
      const size = parameters.get(name);
      if (!size) throw new BadArgumentError('parameter', name, names.join(', '));
      if (name === INPUT_TABLE) return ndarray<'float32'>(Float32Array.from(inputs.data), size);
      // Each parameter has a stream, so that its values do not depend on the order of reading.
      const random = new Mt19937([seed, names.indexOf(name)]);
      return ndarray<'float32'>(
        Float32Array.from({ length: sizeOf(size) }, () => random.standardNormal()),
        size,
      );
    },
    storedName: (name) => name,
    hash: async () =>
      JSON.stringify({ ...shape, width, outputs, seed, inputs: [inputs.shape, [...inputs.data]] }),
    close: async () => undefined,
  };
};

/**
 * The fields that batching and planning read of a configuration; a perceptron has one token and no positions
 * or types.
 */
const configOf = (width: number, ids: number, hiddenLayers: number): ModelConfig => ({
  modelType: 'distilbert',
  architectures: ['Perceptron'],
  vocabSize: ids,
  hiddenSize: width,
  layers: hiddenLayers,
  heads: 1,
  intermediateSize: width,
  activation: 'relu',
  layerNormEps: 0,
  positions: 1,
  maxTokens: 1,
  padTokenId: 0,
  tieWordEmbeddings: false,
  hiddenDropout: 0,
  attentionDropout: 0,
  initializerRange: 1,
});
