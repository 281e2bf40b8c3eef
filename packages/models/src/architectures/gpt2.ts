import type { Gpt2Config } from '../config/model-config.js';
import { embeddingSite, normSite } from './bert-block.js';
import { gpt2Block } from './gpt2-block.js';
import { dropout, embedding, layerNorm, linear } from './layers.js';
import type { Network } from './network.js';
import { stage } from './stage.js';

/**
 * GPT-2 as a causal language model. The logits of the label words are read at the last token of the prompt:
 * see `causalExample` for how such an example comes from a template with a mask.
 */
export const gpt2Network = (config: Gpt2Config): Network => {
  const { hiddenSize: d, vocabSize, layerNormEps } = config;
  const norm = normSite('norm', 'transformer.ln_f', d);
  return {
    embeddings: stage({
      name: 'embeddings',
      kind: 'embeddings',
      sites: [
        embeddingSite('words', 'ids', { name: 'transformer.wte.weight', shape: [vocabSize, d] }),
        embeddingSite('positions', 'positions', {
          name: 'transformer.wpe.weight',
          shape: [config.positions, d],
        }),
      ],
      apply: (context, weights, side) =>
        dropout(
          context,
          'embeddings',
          embedding(context, weights, 'words', side.ids).add(
            embedding(context, weights, 'positions', side.positions),
          ),
          config.embeddingDropout,
        ),
    }),
    blocks: config.layers,
    block: (i, options) => gpt2Block(config, i, options),
    final: stage({
      name: 'final',
      kind: 'final',
      sites: [norm],
      apply: (context, weights, _side, x) => layerNorm(context, weights, 'norm', x!, layerNormEps),
    }),
    head: (labelWordIds) =>
      stage({
        name: 'head',
        kind: 'head',
        sites: [
          norm,
          {
            kind: 'linear',
            name: 'decoder',
            weight: { name: 'lm_head.weight', shape: [vocabSize, d], part: { rows: labelWordIds } },
          },
        ],
        apply: (context, weights, _side, x) => {
          const hidden = layerNorm(context, weights, 'norm', x!, layerNormEps);
          return linear(context, weights, 'decoder', hidden).reshape([x!.shape[0]!, labelWordIds.length]);
        },
      }),
  };
};
