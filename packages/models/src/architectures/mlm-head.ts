import type { Activation } from '../config/model-config.js';
import { linearSite } from '../sites/linear.js';
import { normSite } from '../sites/norm.js';
import { defineStage } from '../stages/define-stage.js';
import type { Stage } from '../stages/stage.js';
import { activate } from './layers.js';

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

interface HeadSettings extends Pick<HeadOptions, 'activation'> {
  readonly labels: number;
}

const transformAndDecoder = defineStage(({ activation, labels }: HeadSettings, at, _side, x) => {
  const hidden = at.use('norm', activate(activation, at.use('dense', x!)));
  return at.use('decoder', hidden).reshape([x!.shape[0]!, labels]);
});

/**
 * Dense, activation, LayerNorm, and the decoder restricted to the rows of the label words: logits `[n, C]`
 * in label order. The other rows have no gradient (docs/theory.md, Sites).
 */
export const mlmHead = (options: HeadOptions, labelWordIds: readonly number[]): Stage =>
  transformAndDecoder({
    name: 'head',
    settings: { activation: options.activation, labels: labelWordIds.length },
    sites: [
      linearSite('dense', options.dense, options.hiddenSize, options.embeddingSize),
      normSite('norm', options.norm, options.embeddingSize, options.layerNormEps),
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
  });
