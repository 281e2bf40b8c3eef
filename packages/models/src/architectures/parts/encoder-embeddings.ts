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
  /** Positions are added to the words. Default: true. */
  readonly positionTable?: boolean;
  /** Rows of the token type table. Default: no table. */
  readonly typeVocabSize?: number;
  /** Width of the tables, where it differs from the hidden states'. Default: `hiddenSize`. */
  readonly embeddingSize?: number;
  readonly hiddenSize: number;
  /** Checkpoint name of the projection from embedding size to hidden size, where there is one. */
  readonly projection?: string;
  /** The projection comes before the LayerNorm, without a bias. Default: after it, with one. */
  readonly projectsFirst?: boolean;
  readonly layerNormEps: number;
  readonly hiddenDropout: number;
}

interface EmbeddingsSettings {
  readonly types: boolean;
  readonly positions: boolean;
  readonly projection: 'none' | 'first' | 'last';
  readonly hiddenDropout: number;
}

const normalizedSum = defineStage((settings: EmbeddingsSettings, at, side) => {
  const { types, positions, projection, hiddenDropout } = settings;
  const words = at.use('words', side.ids);
  const typed = types ? words.add(at.use('types', side.types)) : words;
  const placed = positions ? typed.add(at.use('positions', side.positions)) : typed;
  const entering = projection === 'first' ? at.use('projection', placed) : placed;
  const normalized = at.dropout('embeddings', at.use('norm', entering), hiddenDropout);
  return projection === 'last' ? at.use('projection', normalized) : normalized;
});

/** Words + token types + positions, LayerNorm, and a projection where embeddings are factorized, in either order. */
export const encoderEmbeddings = (options: EmbeddingsOptions): Stage => {
  const { module, hiddenSize, embeddingSize = hiddenSize, positionTable = true } = options;
  const { typeVocabSize, projection, projectsFirst = false, hiddenDropout } = options;
  const table = (name: string, rows: number) => ({
    name: `${module}.${name}.weight`,
    shape: [rows, embeddingSize],
  });
  const projected = projectsFirst ? 'first' : 'last';
  return normalizedSum({
    name: 'embeddings',
    settings: {
      types: typeVocabSize !== undefined,
      positions: positionTable,
      projection: projection === undefined ? 'none' : projected,
      hiddenDropout,
    },
    sites: [
      embeddingSite('words', 'ids', table('word_embeddings', options.vocabSize)),
      ...(positionTable
        ? [embeddingSite('positions', 'positions', table('position_embeddings', options.positions))]
        : []),
      ...(typeVocabSize === undefined
        ? []
        : [embeddingSite('types', 'types', table('token_type_embeddings', typeVocabSize))]),
      normSite(
        'norm',
        `${module}.LayerNorm`,
        projectsFirst ? hiddenSize : embeddingSize,
        options.layerNormEps,
      ),
      ...(projection
        ? [linearSite('projection', projection, embeddingSize, hiddenSize, { bias: !projectsFirst })]
        : []),
    ],
  });
};
