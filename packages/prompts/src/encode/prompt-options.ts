export interface LengthOptions {
  /** Most tokens of the whole prompt. Default: no limit. LM-BFF uses 128, and 256 for longer tasks. */
  readonly maxLength?: number;
  /** Adds `tokenTypeIds`: the segment id rises after each `*sep+*`. Default: false, as the reference runs (all 0). */
  readonly segmentIds?: boolean;
  /**
   * `masked` (default) reads the mask token. Choose `causal` for GPT-like models: the prompt ends where the
   * mask stands and the logits of its last token are read.
   */
  readonly objective?: 'masked' | 'causal';
}

export interface EncodePromptOptions extends LengthOptions {
  /** Token id of each label word, in label order (several ids for a word of several tokens); for `*label_i*` and `*labelx_i*`. */
  readonly labelWordIds?: readonly (number | readonly number[])[];
  /** Label index of each support example, for `*labelx_i*`. */
  readonly supportLabels?: readonly number[];
  /** Most tokens of sentence 0. Default: no limit. */
  readonly firstSentenceLimit?: number;
  /** Most tokens of every other sentence, demonstrations included. Default: no limit. */
  readonly otherSentenceLimit?: number;
  /** Cut the beginning, not the end, of a prompt that is too long. */
  readonly truncateHead?: boolean;
  /** Masks that each `*mask*` becomes (masked objective). Default: 1; more to score label words of several tokens. */
  readonly maskCount?: number;
  /**
   * The mask that is read. `template` (default): the first that the template put there. `first`: the first
   * mask token of the prompt, as the reference does, even where a sentence contains one written out.
   */
  readonly readMask?: 'template' | 'first';
}
