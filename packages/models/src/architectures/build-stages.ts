import type { Stage } from '../stages/stage.js';
import { JointLabelWordsError, LabelWordIdError } from './errors.js';
import { jointHead } from './joint-head.js';
import { areWords, jointReads, type LabelWordIds } from './label-word-ids.js';
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
 * The chain of stages of a model whose outputs are the logits of the label words, in this order, or, where every word is a
 * list of tokens, their log-probabilities (docs/theory.md, Outputs).
 *
 * @example
 * ```ts
 * buildStages(parseModelConfig(config), [205, 372]).map(({ name }) => name); // ['embeddings', 'layer.0', …, 'head']
 * ```
 * @throws LabelWordIdError for an id outside the vocabulary, or none at all
 * @throws JointLabelWordsError for a word of several tokens and a masked model
 */
export const buildStages = (config: ModelConfig, labelWordIds: LabelWordIds): readonly Stage[] => {
  const { vocabSize } = config;
  const outside = labelWordIds.flat().find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabSize));
  if (outside !== undefined) throw new LabelWordIdError(String(outside), vocabSize);
  if (labelWordIds.length === 0) throw new LabelWordIdError('none', vocabSize);
  const network = networkOf(config);
  const body = bodyOf(network, true);
  if (!areWords(labelWordIds)) return [...body, network.head([...labelWordIds])];
  if (labelWordIds.some((word) => word.length === 0))
    throw new LabelWordIdError('a word of no tokens', vocabSize);
  const reads = jointReads(labelWordIds);
  if (reads > 1 && architectureOf(config).objective === 'masked')
    throw new JointLabelWordsError(config.modelType);
  const vocabulary = Array.from({ length: vocabSize }, (_, id) => id);
  const head = jointHead(network.head(vocabulary), labelWordIds);
  return [...body, head].map((stage) => ({ ...stage, reads }));
};

/**
 * The stages of the base model without a head, ending with the hidden states `[n, T, d]` of all tokens
 * (transformers' `last_hidden_state`).
 */
export const buildEncoder = (config: ModelConfig): readonly Stage[] => {
  const network = networkOf(config);
  return [...bodyOf(network, false), ...(network.final ? [network.final] : [])];
};
