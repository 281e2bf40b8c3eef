import { BadArgumentError, firstNonFinite, type NDArray, ndarray, sameShape, sha256 } from '@ntk-lens/core';
import { classifierNames, classifierStages } from './architectures/classifier-stages.js';
import type { LanguageModel } from './language-model.js';

/** A linear head, such as `fitLinearProbe` of `@ntk-lens/solvers` finds. */
export interface ClassifierHead {
  /** `[C, hiddenSize]`. */
  readonly weights: NDArray<'float64'>;
  /** `[C]`. */
  readonly bias: NDArray<'float64'>;
}

/**
 * The network of standard fine-tuning, without a prompt: a model's encoder, and a linear head on the last hidden
 * state of the token at each example's `position` (docs/theory.md, Outputs). It takes the place of the model wherever
 * kernels and logits are computed; its labels are 0 … C−1 in place of label words. The head's parameters are
 * `classifier.weight` and `classifier.bias`; the language-model head has no gradient and is left out.
 *
 * @example
 * ```ts
 * const head = await fitLinearProbe(firstTokenStates, labels, { classes: 2 });
 * const network = classifierModel(model, head);
 * await computeKernels({ model: network, labelWordIds: [0, 1], formula: 'sgd', runtime, train, queries });
 * ```
 * @param model closed by its owner, not by closing what is returned
 * @param head weights `[C, hiddenSize]` and bias `[C]`, used as float32
 * @throws BadArgumentError for a head of another shape or with numbers that are not finite
 */
export const classifierModel = (model: LanguageModel, { weights, bias }: ClassifierHead): LanguageModel => {
  const { config } = model;
  const labels = bias.shape[0] ?? 0;
  if (labels === 0 || !sameShape(weights.shape, [labels, config.hiddenSize])) {
    const found = `weights [${weights.shape.join(', ')}], bias [${bias.shape.join(', ')}]`;
    throw new BadArgumentError('head', found, `weights [C, ${config.hiddenSize}] and bias [C]`);
  }
  const own = new Map<string, NDArray<'float32'>>([
    [classifierNames.weight, ndarray(Float32Array.from(weights.data), weights.shape)],
    [classifierNames.bias, ndarray(Float32Array.from(bias.data), bias.shape)],
  ]);
  for (const [name, { data }] of own) {
    const at = firstNonFinite(data);
    if (at >= 0) throw new BadArgumentError(name, data[at]!, 'finite numbers');
  }
  const stages = classifierStages(config, labels);
  const refs = stages.flatMap((stage) => Object.values(stage.weights));
  let hash: Promise<string> | undefined;
  const hashWithHead = async (): Promise<string> => {
    const sum = sha256().update(await model.hash());
    for (const { data } of own.values()) sum.update(data);
    return sum.hex();
  };
  return {
    config,
    parameters: new Map(refs.map(({ name, shape }) => [name, shape])),
    stages: (labelIds) => {
      if (labelIds.length !== labels || labelIds.some((id, c) => id !== c)) {
        const expected = Array.from({ length: labels }, (_, c) => c).join(', ');
        throw new BadArgumentError(
          'labelWordIds',
          labelIds.join(', '),
          `${expected}, the labels of the head`,
        );
      }
      return stages;
    },
    read: async (parameter, options) => {
      const array = own.get(parameter);
      return array ? { ...array, data: array.data.slice() } : model.read(parameter, options);
    },
    storedName: (parameter) => (own.has(parameter) ? parameter : model.storedName(parameter)),
    storedBytes: (parameter) => (own.has(parameter) ? undefined : model.storedBytes?.(parameter)),
    hash: () => (hash ??= hashWithHead()),
    close: async () => {},
  };
};
