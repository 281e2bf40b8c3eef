import type { Tokenizer } from '@ntk-lens/core';
import type { EncodedPrompt, Omission } from '../encode/alignment.js';
import type { TemplatePiece } from '../template/piece.js';

/** The kind of a part of the prompt, which sets its colour. */
export type PromptStyle = 'special' | 'mask' | 'label' | 'sentence' | 'text' | 'omitted';

export interface DescribedToken {
  readonly id: number;
  /** The token as the vocabulary writes it. */
  readonly token: string;
  /** Position in the prompt; undefined for a token left out. */
  readonly position?: number;
  /** The logits at this position are read. */
  readonly read: boolean;
}

/** A run of tokens of one piece that look alike. */
export interface StyledSegment {
  readonly style: PromptStyle;
  /** The piece as the template writes it. */
  readonly piece: string;
  /** Index of the sentence, where the piece is one. */
  readonly sentence?: number;
  /** The tokens as text. */
  readonly text: string;
  readonly tokens: readonly DescribedToken[];
  /** The reason for which these tokens are not in the prompt. */
  readonly omitted?: Omission['reason'];
}

/** A prompt ready to be shown; JSON-serializable. */
export interface PromptDescription {
  readonly length: number;
  readonly position: number;
  readonly segments: readonly StyledSegment[];
}

const styleOf = (piece: TemplatePiece): PromptStyle => {
  if (piece.kind === 'cls' || piece.kind === 'sep') return 'special';
  return piece.kind === 'support-label' ? 'label' : piece.kind;
};

/**
 * Turns an encoded prompt into segments to show: which piece made which tokens, what was left out and why, and
 * which position is read.
 *
 * @example
 * ```ts
 * console.log(renderPromptAnsi(describePrompt(encodePrompt(template, texts, tokenizer), tokenizer)));
 * ```
 */
export const describePrompt = (prompt: EncodedPrompt, tokenizer: Tokenizer): PromptDescription => {
  const segments: StyledSegment[] = [];
  const name = (id: number): string => tokenizer.idToToken(id) ?? `#${id}`;
  const read = new Set(prompt.readPositions);
  for (const { piece, start, ids, omissions } of prompt.segments) {
    const add = (run: readonly number[], omitted?: Omission['reason']): void => {
      if (run.length === 0) return;
      segments.push({
        style: omitted === undefined ? styleOf(piece) : 'omitted',
        piece: piece.kind === 'text' ? piece.source : `*${piece.source}*`,
        sentence: piece.kind === 'sentence' ? piece.index : undefined,
        // A decoder may drop special tokens; here they are to be seen.
        text: /special|mask/.test(styleOf(piece)) ? run.map(name).join('') : tokenizer.decode(run),
        tokens: run.map((id, k) => ({
          id,
          token: name(id),
          position: omitted === undefined ? start + k : undefined,
          read: omitted === undefined && read.has(start + k),
        })),
        omitted,
      });
    };
    for (const { side, ids: cut, reason } of omissions) if (side === 'head') add(cut, reason);
    add(ids);
    for (const { side, ids: cut, reason } of omissions) if (side === 'tail') add(cut, reason);
  }
  return { length: prompt.inputIds.length, position: prompt.position, segments };
};
