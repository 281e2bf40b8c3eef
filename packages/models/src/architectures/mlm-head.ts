import type { Activation } from '../config/model-config.js';
import { linearSite, normSite } from './bert-block.js';
import { activate, layerNorm, linear } from './layers.js';
import { type Stage, stage } from './stage.js';

/** What a masked-LM head needs to know; module names are without `.weight` and `.bias`. */
export interface HeadOptions {
  readonly dense: string;
  readonly norm: string;
  /** Parameter names of the decoder. */
  readonly decoderWeight: string;
  readonly decoderBias: string;
  readonly hiddenSize: number;
  /** Width of the decoder's rows; differs from `hiddenSize` where embeddings are factorized. */
  readonly embeddingSize: number;
  readonly vocabSize: number;
  readonly activation: Activation;
  readonly layerNormEps: number;
}

/**
 * Dense, activation, LayerNorm, and the decoder restricted to the rows of the label words: logits `[n, C]`
 * in label order (DESIGN §5). The other rows have no gradient.
 */
export const mlmHead = (options: HeadOptions, labelWordIds: readonly number[]): Stage =>
  stage({
    name: 'head',
    kind: 'head',
    sites: [
      linearSite('dense', options.dense, options.hiddenSize, options.embeddingSize),
      normSite('norm', options.norm, options.embeddingSize),
      {
        kind: 'linear',
        name: 'decoder',
        weight: {
          name: options.decoderWeight,
          shape: [options.vocabSize, options.embeddingSize],
          part: { rows: labelWordIds },
        },
        bias: { name: options.decoderBias, shape: [options.vocabSize], part: { rows: labelWordIds } },
      },
    ],
    apply: (context, weights, _side, x) => {
      const dense = activate(options.activation, linear(context, weights, 'dense', x!));
      const hidden = layerNorm(context, weights, 'norm', dense, options.layerNormEps);
      return linear(context, weights, 'decoder', hidden).reshape([x!.shape[0]!, labelWordIds.length]);
    },
  });
