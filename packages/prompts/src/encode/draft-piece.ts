import { BadArgumentError, type Tokenizer } from '@ntk-lens/core';
import type { TemplatePiece } from '../template/piece.js';
import type { Draft } from './assemble.js';
import { MissingSpecialTokenError } from './prompt-errors.js';
import type { EncodePromptOptions } from './prompt-options.js';
import { sentenceText } from './sentence-text.js';

const special = (tokenizer: Tokenizer, name: 'cls' | 'sep' | 'mask'): number => {
  const id: number | undefined = tokenizer.special[name];
  if (id === undefined || !Number.isSafeInteger(id) || id < 0) throw new MissingSpecialTokenError(name);
  return id;
};

/** Tokens of one piece. Indices were checked before, see `checkTemplate`. */
export const draftPiece = (
  piece: TemplatePiece,
  texts: readonly string[],
  tokenizer: Tokenizer,
  options: EncodePromptOptions,
): Draft => {
  const causal = options.objective === 'causal';
  switch (piece.kind) {
    case 'cls':
      return { piece, ids: (causal && tokenizer.before) || [special(tokenizer, 'cls')] };
    case 'sep':
      return { piece, ids: [special(tokenizer, 'sep')] };
    case 'mask':
      // A causal model has no mask token; in its prompts the piece is empty.
      return causal
        ? { piece, ids: [] }
        : { piece, ids: new Array<number>(options.maskCount ?? 1).fill(special(tokenizer, 'mask')) };
    case 'label':
    case 'support-label': {
      const label = piece.kind === 'label' ? piece.index : options.supportLabels?.[piece.index];
      const word = options.labelWordIds?.[label ?? -1];
      if (word === undefined) {
        throw new BadArgumentError(
          'supportLabels',
          label,
          `label indices below ${options.labelWordIds?.length}`,
        );
      }
      return { piece, ids: typeof word === 'number' ? [word] : word };
    }
    case 'sentence': {
      const text = sentenceText(piece, texts[piece.index]!);
      const limit = piece.index === 0 ? options.firstSentenceLimit : options.otherSentenceLimit;
      return { piece, text, ids: tokenizer.encode(text), limit };
    }
    case 'text': {
      const { text } = piece;
      // The reference looks a single character up in the vocabulary, so that no tokenizer adds a space to it.
      const known = [...text].length === 1 ? tokenizer.tokenToId(text) : undefined;
      if (known !== undefined) return { piece, text, ids: [known] };
      const unknown = [...text].length === 1 && text !== '\n' && !causal;
      return { piece, text, ids: unknown ? [tokenizer.special.unk] : tokenizer.encode(text) };
    }
  }
};
