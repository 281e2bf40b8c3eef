/** Start and end in the text, in UTF-16 units, so that `text.slice(start, end)` is the token's part. */
export type Offset = readonly [start: number, end: number];

/** The tokens of one text. */
export interface TextEncoding {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
  /** Characters of the given text, before normalization; several byte tokens of one character share its range. */
  readonly offsets: readonly Offset[];
}

/** Options by which {@link LoadedTokenizer.encodeBatch} makes texts alike in length. */
export interface EncodeBatchOptions {
  /** 'longest' pads to the longest text of the batch, 'max-length' to `maxLength`; true is 'longest'. Default false. */
  readonly padding?: boolean | 'longest' | 'max-length';
  /** Cuts texts to `maxLength` tokens at the right (true) or left end. Default false. */
  readonly truncation?: boolean | 'right' | 'left';
  /** Most tokens of a text, special ones included; needed for truncation and for 'max-length'. */
  readonly maxLength?: number;
  /** Side of the padding; default 'right'. */
  readonly paddingSide?: 'right' | 'left';
  /** Puts the special tokens of the tokenizer around each text, as `[CLS] … [SEP]`. Default false. */
  readonly addSpecialTokens?: boolean;
  /** False leaves offsets out, which is faster. Default true. */
  readonly offsets?: boolean;
}

/** The tokens of several texts: row i belongs to text i. */
export interface BatchEncoding {
  readonly ids: readonly (readonly number[])[];
  /** 1 for tokens, 0 for padding. */
  readonly attentionMask: readonly (readonly number[])[];
  /** [0, 0] for padding and special tokens; empty when not wanted. */
  readonly offsets: readonly (readonly Offset[])[];
}
