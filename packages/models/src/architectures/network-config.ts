/** Activation functions by their transformers names, aliases resolved. */
export type Activation = 'gelu' | 'gelu_new' | 'relu' | 'silu' | 'tanh';

/** The common fields of every network, under one set of names. */
export interface NetworkConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  /** Size of a head, where it is not `hiddenSize / heads`. */
  readonly headSize?: number;
  /** Heads of keys and values, where several heads of queries share them. */
  readonly kvHeads?: number;
  /** Attention scores are divided by the root of this, where it is not the size of a head. */
  readonly scoreSize?: number;
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

/**
 * Width of attention keys, and of values, all heads together.
 *
 * @example
 * ```ts
 * keyWidth(await readModelConfig(modelDirectory)); // 384; 512 for Llama 3.2 1B, whose width is 2048
 * ```
 */
export const keyWidth = ({
  hiddenSize,
  heads,
  headSize = hiddenSize / heads,
  kvHeads = heads,
}: NetworkConfig): number => headSize * kvHeads;
