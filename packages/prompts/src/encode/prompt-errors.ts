import { NtkLensError } from '@ntk-lens/core';
import { showNewlines } from '../newlines.js';

/** The mask fell outside the maximum length, so there would be nothing to read. */
export class MaskTruncatedError extends NtkLensError {
  static readonly code = 'MASK_TRUNCATED';
  constructor(template: string, tokens: number, maxLength: number, truncateHead: boolean) {
    const side = truncateHead ? 'head' : 'tail';
    super(
      MaskTruncatedError.code,
      'input',
      `Template "${showNewlines(template)}": the prompt has ${tokens} tokens and cutting its ${side} to ${maxLength} loses the mask. ` +
        `Set \`firstSentenceLimit\` or \`otherSentenceLimit\`, raise \`maxLength\`, or ${truncateHead ? 'leave out' : 'use'} \`truncateHead\`.`,
    );
  }
}

/** A piece needs a special token that the tokenizer lacks. */
export class MissingSpecialTokenError extends NtkLensError {
  static readonly code = 'MISSING_SPECIAL_TOKEN';
  constructor(piece: string) {
    super(
      MissingSpecialTokenError.code,
      'input',
      `Piece "*${piece}*": the tokenizer has no such special token. Leave the piece out, or use a tokenizer that names it.`,
    );
  }
}

/** A causal prompt without a token before the place to predict. */
export class EmptyPromptError extends NtkLensError {
  static readonly code = 'EMPTY_PROMPT';
  constructor(template: string) {
    super(
      EmptyPromptError.code,
      'input',
      `Template "${showNewlines(template)}": no token stands before the mask, and a causal model predicts from the token before it. Begin with "*cls*" or with text.`,
    );
  }
}
