/** One labelled example of a task: one text for single-sentence tasks, two for pairs. */
export interface Example {
  readonly texts: readonly string[];
  /** Label name, one of the task's `labels`; for regression tasks the number as text. */
  readonly label: string;
}

/** Ids of the special tokens that a template can name. */
export interface SpecialTokens {
  readonly cls: number;
  readonly sep: number;
  readonly mask: number;
  readonly pad: number;
  readonly unk: number;
}

/**
 * The part of a tokenizer that prompts need. `encode` never adds special tokens; a template says where they
 * go. Implemented by `@ntk-lens/models`; small enough to write by hand for another tokenizer.
 */
export interface Tokenizer {
  /** Token ids of `text`, without special tokens. A special token written out in the text is its own id. */
  encode(text: string): number[];
  decode(ids: readonly number[]): string;
  tokenToId(token: string): number | undefined;
  idToToken(id: number): string | undefined;
  readonly special: SpecialTokens;
  readonly vocabularySize: number;
}

/** A prompted example, ready for the model. */
export interface EncodedExample {
  readonly inputIds: readonly number[];
  /** Position of the token whose logits are read: the mask, or the first token without a prompt. */
  readonly position: number;
  readonly tokenTypeIds?: readonly number[];
  /**
   * Branch of each token: 0 for the prompt, k for its k-th continuation, after which a causal model reads each as if the
   * others were not there. Default: every token is the prompt's.
   */
  readonly branches?: readonly number[];
}
