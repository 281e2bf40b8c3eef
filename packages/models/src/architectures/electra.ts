import type { ElectraConfig } from '../config/model-config.js';
import { bertBlockNames } from './bert.js';
import { bertBlock } from './bert-block.js';
import { encoderEmbeddings } from './encoder-embeddings.js';
import { mlmHead } from './mlm-head.js';
import type { Network } from './network.js';

/**
 * ELECTRA's generator, a masked language model (Clark et al. 2020). Embeddings are projected where their size
 * differs from the hidden size; the head goes back to the embedding size and always uses gelu.
 */
export const electraNetwork = (config: ElectraConfig): Network => ({
  embeddings: encoderEmbeddings({
    ...config,
    module: 'electra.embeddings',
    ...(config.embeddingSize !== config.hiddenSize && { projection: 'electra.embeddings_project' }),
  }),
  blocks: config.layers,
  block: (i, options) => bertBlock(`layer.${i}`, bertBlockNames('electra', i), config, options),
  head: (labelWordIds) =>
    mlmHead(
      {
        ...config,
        dense: 'generator_predictions.dense',
        norm: 'generator_predictions.LayerNorm',
        decoderWeight: 'generator_lm_head.weight',
        decoderBias: 'generator_lm_head.bias',
        activation: 'gelu',
      },
      labelWordIds,
    ),
});
