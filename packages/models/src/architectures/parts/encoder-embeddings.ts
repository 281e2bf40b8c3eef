import { embeddingSite } from '../../sites/embedding.js';
import { linearSite } from '../../sites/linear.js';
import { normSite } from '../../sites/norm.js';
import { defineStage } from '../../stages/define-stage.js';
import type { Stage } from '../../stages/stage.js';

/** The shape of an encoder's embeddings. */
export interface EmbeddingsOptions {
  /** Checkpoint name of the module, e.g. `bert.embeddings`. */
  readonly module: string;
  readonly vocabSize: number;
  readonly positions: number;
  /** Rows of the token type table. Default: no table. */
  readonly typeVocabSize?: number;
  /** Width of the tables, where it differs from the hidden states'. Default: `hiddenSize`. */
  readonly embeddingSize?: number;
  readonly hiddenSize: number;
  /** Checkpoint name of the projection from embedding size to hidden size, where there is one. */
  readonly projection?: string;
  readonly layerNormEps: number;
  readonly hiddenDropout: number;
}

interface EmbeddingsSettings {
  readonly types: boolean;
  readonly projection: boolean;
  readonly hiddenDropout: number;
}

const normalizedSum = defineStage(({ types, projection, hiddenDropout }: EmbeddingsSettings, at, side) => {
  const words = at.use('words', side.ids);
  const typed = types ? words.add(at.use('types', side.types)) : words;
  const normed = at.use('norm', typed.add(at.use('positions', side.positions)));
  const normalized = at.dropout('embeddings', normed, hiddenDropout);
  return projection ? at.use('projection', normalized) : normalized;
});

/** Words + token types + positions, LayerNorm, and a projection where embeddings are factorized. */
export const encoderEmbeddings = (options: EmbeddingsOptions): Stage => {
  const { module, hiddenSize, embeddingSize = hiddenSize } = options;
  const { typeVocabSize, projection, hiddenDropout } = options;
  const table = (name: string, rows: number) => ({
    name: `${module}.${name}.weight`,
    shape: [rows, embeddingSize],
  });
  return normalizedSum({
    name: 'embeddings',
    settings: {
      types: typeVocabSize !== undefined,
      projection: projection !== undefined,
      hiddenDropout,
    },
    sites: [
      embeddingSite('words', 'ids', table('word_embeddings', options.vocabSize)),
      embeddingSite('positions', 'positions', table('position_embeddings', options.positions)),
      ...(typeVocabSize === undefined
        ? []
        : [embeddingSite('types', 'types', table('token_type_embeddings', typeVocabSize))]),
      normSite('norm', `${module}.LayerNorm`, embeddingSize, options.layerNormEps),
      ...(projection ? [linearSite('projection', projection, embeddingSize, hiddenSize)] : []),
    ],
  });
};
