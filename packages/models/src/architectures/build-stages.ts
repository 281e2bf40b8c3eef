import type { Stage } from '../stages/stage.js';
import { LabelWordIdError } from './errors.js';
import type { Network } from './network.js';
import { architectureOf, type ModelConfig } from './registry.js';

/** The parts of a configuration's network. */
export const networkOf = (config: ModelConfig): Network => architectureOf(config).network(config);

/** The embeddings and all layers; `last`: the last one computes only the row that is read out. */
export const bodyOf = ({ embeddings, layers, layer }: Network, last: boolean): Stage[] => [
  embeddings,
  ...Array.from({ length: layers }, (_, i) => layer(i, { last: last && i === layers - 1 })),
];

/**
 * The chain of stages of a model whose logits are those of `labelWordIds`, in this order.
 *
 * @example
 * ```ts
 * buildStages(parseModelConfig(config), [205, 372]).map(({ name }) => name); // ['embeddings', 'layer.0', …, 'head']
 * ```
 * @throws LabelWordIdError for an id outside the vocabulary, or none at all
 */
export const buildStages = (config: ModelConfig, labelWordIds: readonly number[]): readonly Stage[] => {
  const outside = labelWordIds.find((id) => !(Number.isInteger(id) && id >= 0 && id < config.vocabSize));
  if (outside !== undefined) throw new LabelWordIdError(String(outside), config.vocabSize);
  if (labelWordIds.length === 0) throw new LabelWordIdError('none', config.vocabSize);
  const network = networkOf(config);
  return [...bodyOf(network, true), network.head([...labelWordIds])];
};

/**
 * The stages of the base model without a head, ending with the hidden states `[n, T, d]` of all tokens
 * (transformers' `last_hidden_state`).
 */
export const buildEncoder = (config: ModelConfig): readonly Stage[] => {
  const network = networkOf(config);
  return [...bodyOf(network, false), ...(network.final ? [network.final] : [])];
};
