import { linearSite } from '../../sites/linear.js';
import { normSite } from '../../sites/norm.js';
import { defineStage } from '../../stages/define-stage.js';
import type { Stage } from '../../stages/stage.js';
import type { Activation } from '../network-config.js';
import { activate, flatten } from './layers.js';

/** The shape of a masked-LM head; module names are without `.weight` and `.bias`. */
export interface HeadOptions {
  readonly dense: string;
  readonly norm: string;
  /** Parameter names of the decoder. */
  readonly decoderWeight: string;
  readonly decoderBias: string;
  readonly hiddenSize: number;
  /** Width of the decoder's rows, where embeddings are factorized. Default: `hiddenSize`. */
  readonly embeddingSize?: number;
  readonly vocabSize: number;
  readonly activation: Activation;
  readonly layerNormEps: number;
}

const transformAndDecoder = defineStage((activation: Activation, at, _side, x) =>
  flatten(at.use('decoder', at.use('norm', activate(activation, at.use('dense', x!))))),
);

/**
 * Dense, activation, LayerNorm, and the decoder restricted to the rows of the label words: logits `[n, C]`
 * in label order. The other rows have no gradient (docs/theory.md, Sites).
 */
export const mlmHead = (options: HeadOptions, labelWordIds: readonly number[]): Stage => {
  const { activation, hiddenSize, embeddingSize = hiddenSize, vocabSize } = options;
  const part = { rows: labelWordIds };
  return transformAndDecoder({
    name: 'head',
    settings: activation,
    sites: [
      linearSite('dense', options.dense, hiddenSize, embeddingSize),
      normSite('norm', options.norm, embeddingSize, options.layerNormEps),
      {
        kind: 'linear',
        name: 'decoder',
        weight: { name: options.decoderWeight, shape: [vocabSize, embeddingSize], part },
        bias: { name: options.decoderBias, shape: [vocabSize], part },
      },
    ],
  });
};

/**
 * Parameters of a decoder inside its head. With untied embeddings transformers keeps two biases, of which the decoder's
 * is the one that is added.
 */
export const decoderNames = (head: string, tied: boolean) => ({
  decoderWeight: `${head}decoder.weight`,
  decoderBias: `${head}${tied ? 'bias' : 'decoder.bias'}`,
});
