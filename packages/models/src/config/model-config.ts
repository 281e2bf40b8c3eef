/** Architectures that can be loaded, by the `model_type` of their config.json. DistilRoBERTa is a `roberta`. */
export const modelTypes = [
  'roberta',
  'xlm-roberta',
  'bert',
  'distilbert',
  'albert',
  'electra',
  'gpt2',
] as const;
export type ModelType = (typeof modelTypes)[number];

/** Activation functions by their transformers names, aliases resolved. */
export const activations = ['gelu', 'gelu_new', 'relu', 'silu', 'tanh'] as const;
export type Activation = (typeof activations)[number];

/** What every architecture has, under one set of names. */
export interface BaseModelConfig {
  readonly modelType: ModelType;
  /** `architectures` of config.json, as written; possibly empty. */
  readonly architectures: readonly string[];
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  readonly activation: Activation;
  readonly layerNormEps: number;
  /** Rows of the position table, `max_position_embeddings`. */
  readonly positions: number;
  /** Longest sequence in tokens: `positions`, less the rows that RoBERTa keeps for padding. */
  readonly maxTokens: number;
  readonly padTokenId: number;
  /** True when the LM head's decoder has no weight of its own in the file but is the word embeddings. */
  readonly tieWordEmbeddings: boolean;
  readonly hiddenDropout: number;
  readonly attentionDropout: number;
  /** Standard deviation of freshly initialized weights. */
  readonly initializerRange: number;
}

/** BERT, RoBERTa, XLM-RoBERTa. */
export interface BertLikeConfig extends BaseModelConfig {
  readonly modelType: 'bert' | 'roberta' | 'xlm-roberta';
  readonly typeVocabSize: number;
  /** Position id of the first token: `pad_token_id + 1` in RoBERTa, 0 in BERT. */
  readonly positionOffset: number;
}

/** DistilBERT: no token types. */
export interface DistilBertConfig extends BaseModelConfig {
  readonly modelType: 'distilbert';
}

/** ALBERT: factorized embeddings, layers shared within groups. */
export interface AlbertConfig extends BaseModelConfig {
  readonly modelType: 'albert';
  readonly typeVocabSize: number;
  readonly embeddingSize: number;
  readonly hiddenGroups: number;
  readonly innerGroups: number;
}

/** ELECTRA's generator; a projection where `embeddingSize` differs from `hiddenSize`. */
export interface ElectraConfig extends BaseModelConfig {
  readonly modelType: 'electra';
  readonly typeVocabSize: number;
  readonly embeddingSize: number;
}

/** GPT-2, a causal language model with pre-layer-norm blocks. */
export interface Gpt2Config extends BaseModelConfig {
  readonly modelType: 'gpt2';
  readonly embeddingDropout: number;
  /** Attention scores are divided by √(head size). */
  readonly scaleAttention: boolean;
  /** And by the layer's number, counted from 1. */
  readonly scaleAttentionByLayer: boolean;
}

/** A model's configuration, told apart by `modelType`. */
export type ModelConfig = BertLikeConfig | DistilBertConfig | AlbertConfig | ElectraConfig | Gpt2Config;
