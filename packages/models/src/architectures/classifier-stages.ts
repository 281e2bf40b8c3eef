import { linearSite } from '../sites/linear.js';
import { defineStage } from '../stages/define-stage.js';
import type { Stage } from '../stages/stage.js';
import { bodyOf, networkOf } from './build-stages.js';
import type { ModelConfig } from './registry.js';

/** Parameters of a linear classification head, as transformers names them. */
export const classifierNames = { weight: 'classifier.weight', bias: 'classifier.bias' } as const;

const classifier = defineStage((labels: number, at, _side, x) =>
  at.use('classifier', x!).reshape([x!.shape[0]!, labels]),
);

/**
 * The chain of stages of a network without its language-model head. A linear layer on the last hidden state
 * of the token that is read (the first one, without a prompt) gives one logit per label. The reference's
 * no-prompt network.
 *
 * @param labels number of labels; the head is `[labels, hiddenSize]`
 */
export const classifierStages = (config: ModelConfig, labels: number): readonly Stage[] => {
  const network = networkOf(config);
  const head = classifier({
    name: 'head',
    settings: labels,
    sites: [linearSite('classifier', 'classifier', config.hiddenSize, labels)],
  });
  return [...bodyOf(network, true), ...(network.final ? [network.final] : []), head];
};
