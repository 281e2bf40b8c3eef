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
  /**
   * Special tokens that the tokenizer puts before and after a text: Llama's has one before, Qwen's none. Prompts of causal
   * models begin with the former. Default: `cls` and `sep`, where a template names them.
   */
  readonly before?: readonly number[];
  readonly after?: readonly number[];
  /**
   * Token ids as `encode` gives them, and the part of the text that each covers, in UTF-16 units. With it, the text of a
   * causal model's prompt is tokenized as a whole. Default: every piece of a template is tokenized by itself.
   */
  encodeWithOffsets?(text: string): {
    readonly ids: readonly number[];
    readonly offsets: readonly (readonly [start: number, end: number])[];
  };
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
