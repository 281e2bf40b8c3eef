import { embeddingSite, linearSite, normSite } from './bert-block.js';
import { dropout, embedding, layerNorm, linear } from './layers.js';
import { type Site, type Stage, stage } from './stage.js';

/** What the embeddings of an encoder need to know. */
export interface EmbeddingsOptions {
  /** Checkpoint name of the module, e.g. `bert.embeddings`. */
  readonly module: string;
  readonly vocabSize: number;
  readonly positions: number;
  /** Rows of the token type table; without one where absent. */
  readonly typeVocabSize?: number;
  readonly embeddingSize: number;
  readonly hiddenSize: number;
  /** Checkpoint name of the projection from embedding size to hidden size, where there is one. */
  readonly projection?: string;
  readonly layerNormEps: number;
  readonly hiddenDropout: number;
}

/** Words + token types + positions, LayerNorm, and a projection where embeddings are factorized. */
export const encoderEmbeddings = (options: EmbeddingsOptions): Stage => {
  const { module, embeddingSize, typeVocabSize, projection } = options;
  const table = (name: string, rows: number) => ({
    name: `${module}.${name}.weight`,
    shape: [rows, embeddingSize],
  });
  const types: Site[] =
    typeVocabSize === undefined
      ? []
      : [embeddingSite('types', 'types', table('token_type_embeddings', typeVocabSize))];
  return stage({
    name: 'embeddings',
    kind: 'embeddings',
    sites: [
      embeddingSite('words', 'ids', table('word_embeddings', options.vocabSize)),
      embeddingSite('positions', 'positions', table('position_embeddings', options.positions)),
      ...types,
      normSite('norm', `${module}.LayerNorm`, embeddingSize),
      ...(projection ? [linearSite('projection', projection, embeddingSize, options.hiddenSize)] : []),
    ],
    apply: (context, weights, side) => {
      const words = embedding(context, weights, 'words', side.ids);
      const typed = types.length > 0 ? words.add(embedding(context, weights, 'types', side.types)) : words;
      const sum = typed.add(embedding(context, weights, 'positions', side.positions));
      const normed = layerNorm(context, weights, 'norm', sum, options.layerNormEps);
      const normalized = dropout(context, 'embeddings', normed, options.hiddenDropout);
      return projection ? linear(context, weights, 'projection', normalized) : normalized;
    },
  });
};
