import type { ModelConfig } from '../config/model-config.js';
import type { Stage } from '../stages/stage.js';
import { albertNetwork } from './albert.js';
import { bertNetwork } from './bert.js';
import { distilbertNetwork } from './distilbert.js';
import { electraNetwork } from './electra.js';
import { LabelWordIdError } from './errors.js';
import { gpt2Network } from './gpt2.js';
import type { Network } from './network.js';

/** The parts of a configuration's network. */
export const networkOf = (config: ModelConfig): Network => {
  switch (config.modelType) {
    case 'bert':
    case 'roberta':
    case 'xlm-roberta':
      return bertNetwork(config);
    case 'distilbert':
      return distilbertNetwork(config);
    case 'albert':
      return albertNetwork(config);
    case 'electra':
      return electraNetwork(config);
    case 'gpt2':
      return gpt2Network(config);
  }
};

const blocks = (network: Network, last: boolean): Stage[] =>
  Array.from({ length: network.blocks }, (_, i) =>
    network.block(i, { last: last && i === network.blocks - 1 }),
  );

/**
 * The chain of stages of a model whose logits are those of `labelWordIds`, in this order.
 *
 * @throws LabelWordIdError for an id outside the vocabulary, or none at all
 */
export const buildStages = (config: ModelConfig, labelWordIds: readonly number[]): readonly Stage[] => {
  const outside = labelWordIds.find((id) => !(Number.isInteger(id) && id >= 0 && id < config.vocabSize));
  if (outside !== undefined) throw new LabelWordIdError(String(outside), config.vocabSize);
  if (labelWordIds.length === 0) throw new LabelWordIdError('none', config.vocabSize);
  const network = networkOf(config);
  return [network.embeddings, ...blocks(network, true), network.head([...labelWordIds])];
};

/**
 * The stages of the base model without a head, ending with the hidden states `[n, T, d]` of all tokens
 * (transformers' `last_hidden_state`).
 */
export const buildEncoder = (config: ModelConfig): readonly Stage[] => {
  const network = networkOf(config);
  return [network.embeddings, ...blocks(network, false), ...(network.final ? [network.final] : [])];
};
