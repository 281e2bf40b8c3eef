import type { Gpt2Config } from '../config/model-config.js';
import { embeddingSite } from '../sites/embedding.js';
import { normSite } from '../sites/norm.js';
import { defineStage } from '../stages/define-stage.js';
import { gpt2Block } from './gpt2-block.js';
import type { Network } from './network.js';

const embeddingSum = defineStage((embeddingDropout: number, at, side) =>
  at.dropout(
    'embeddings',
    at.use('words', side.ids).add(at.use('positions', side.positions)),
    embeddingDropout,
  ),
);

const finalNorm = defineStage((_: null, at, _side, x) => at.use('norm', x!));

const normAndDecoder = defineStage((labels: number, at, _side, x) =>
  at.use('decoder', at.use('norm', x!)).reshape([x!.shape[0]!, labels]),
);

/**
 * GPT-2 as a causal language model. The logits of the label words are read at the last token of the prompt:
 * see `causalExample` for how such an example comes from a template with a mask.
 */
export const gpt2Network = (config: Gpt2Config): Network => {
  const { hiddenSize: d, vocabSize } = config;
  const norm = normSite('norm', 'transformer.ln_f', d, config.layerNormEps);
  return {
    embeddings: embeddingSum({
      name: 'embeddings',
      settings: config.embeddingDropout,
      sites: [
        embeddingSite('words', 'ids', { name: 'transformer.wte.weight', shape: [vocabSize, d] }),
        embeddingSite('positions', 'positions', {
          name: 'transformer.wpe.weight',
          shape: [config.positions, d],
        }),
      ],
    }),
    blocks: config.layers,
    block: (i, options) => gpt2Block(config, i, options),
    final: finalNorm({ name: 'final', settings: null, sites: [norm] }),
    head: (labelWordIds) =>
      normAndDecoder({
        name: 'head',
        settings: labelWordIds.length,
        sites: [
          norm,
          {
            kind: 'linear',
            name: 'decoder',
            weight: { name: 'lm_head.weight', shape: [vocabSize, d], part: { rows: labelWordIds } },
          },
        ],
      }),
  };
};
