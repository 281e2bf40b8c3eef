import type { ModelConfig } from '../config/model-config.js';
import { linearSite } from './bert-block.js';
import { networkOf } from './build-stages.js';
import { linear } from './layers.js';
import { type Stage, stage } from './stage.js';

/** Parameters of a linear classification head, as transformers names them. */
export const classifierNames = { weight: 'classifier.weight', bias: 'classifier.bias' } as const;

/**
 * The chain of stages of a network without its language-model head: a linear layer on the last hidden state of the
 * token that is read (the first one, without a prompt) gives one logit per label. The reference's no-prompt network.
 *
 * @param labels number of labels; the head is `[labels, hiddenSize]`
 */
export const classifierStages = (config: ModelConfig, labels: number): readonly Stage[] => {
  const network = networkOf(config);
  const blocks = Array.from({ length: network.blocks }, (_, i) =>
    network.block(i, { last: i === network.blocks - 1 }),
  );
  const head = stage({
    name: 'head',
    kind: 'classifier',
    sites: [linearSite('classifier', 'classifier', config.hiddenSize, labels)],
    apply: (context, weights, _side, x) =>
      linear(context, weights, 'classifier', x!).reshape([x!.shape[0]!, labels]),
  });
  return [network.embeddings, ...blocks, ...(network.final ? [network.final] : []), head];
};
