/** Where a piece stands in the template: UTF-16 offsets, `start` inclusive, `end` exclusive. */
export interface PieceSpan {
  /** The piece as written, without its stars. */
  readonly source: string;
  readonly start: number;
  readonly end: number;
}

/** A special token: `*cls*`, `*sep*`, or `*sep+*`, after which the segment id rises by one. */
export interface SpecialPiece extends PieceSpan {
  readonly kind: 'cls' | 'sep';
  readonly nextSegment: boolean;
}

/** `*mask*`: the place whose logits are read. */
export interface MaskPiece extends PieceSpan {
  readonly kind: 'mask';
}

/** `*label_i*` (label word i) or `*labelx_i*` (the label word of support example i). */
export interface LabelPiece extends PieceSpan {
  readonly kind: 'label' | 'support-label';
  readonly index: number;
}

/** `*sent_i*` and its variants: `+` a leading space, `-` without the last character, `l`/`u` first character lower or upper case. */
export interface SentencePiece extends PieceSpan {
  readonly kind: 'sentence';
  readonly index: number;
  readonly leadingSpace: boolean;
  readonly dropLast: boolean;
  readonly firstLetter: 'as-is' | 'lower' | 'upper';
}

/** Literal text between pieces; `text` has spaces where the template has `_`, newlines where it has `\n`. */
export interface TextPiece extends PieceSpan {
  readonly kind: 'text';
  readonly text: string;
}

/** One piece of an LM-BFF template (docs/theory.md, Template language). */
export type TemplatePiece = SpecialPiece | MaskPiece | LabelPiece | SentencePiece | TextPiece;
