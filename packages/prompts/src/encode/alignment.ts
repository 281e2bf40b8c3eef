import type { EncodedExample } from '@ntk-lens/core';
import type { TemplatePiece } from '../template/piece.js';

/** Tokens that a piece would have had, and why they are not in the prompt. */
export interface Omission {
  /** `sentence-limit`: the piece's own limit; `max-length`: the limit of the whole; `after-mask`: a causal model does not read it. */
  readonly reason: 'sentence-limit' | 'max-length' | 'after-mask';
  /** The end of the piece that is gone. */
  readonly side: 'head' | 'tail';
  readonly ids: readonly number[];
}

/** The tokens that one piece of the template became. */
export interface PromptSegment {
  readonly piece: TemplatePiece;
  /** The text that was tokenized; undefined where the piece stands for token ids. */
  readonly text?: string;
  /** Position in `inputIds` of the first token kept; where the piece kept none, of the token that follows. */
  readonly start: number;
  /** Token ids kept: `inputIds.slice(start, start + ids.length)`. */
  readonly ids: readonly number[];
  readonly omissions: readonly Omission[];
}

/** A prompted example with the account of where each token came from. Every token belongs to exactly one segment. */
export interface EncodedPrompt extends EncodedExample {
  /**
   * Positions whose logits are read, in order: one, unless several masks are.
   * The first one is `position`.
   */
  readonly readPositions: readonly number[];
  readonly segments: readonly PromptSegment[];
}
