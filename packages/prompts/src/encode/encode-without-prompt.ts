import type { Tokenizer } from '@ntk-lens/core';
import { checkCount } from '../check-count.js';
import type { TemplatePiece } from '../template/piece.js';
import type { EncodedPrompt } from './alignment.js';
import { assemble, type Draft } from './assemble.js';
import { draftPiece } from './draft-piece.js';
import type { LengthOptions } from './prompt-options.js';

/**
 * Encodes an example without a prompt: cls + s0 + sep (+ s1 + sep), as for standard fine-tuning with a head. For a causal
 * model the ends are what the tokenizer puts before and after a text.
 *
 * @example
 * ```ts
 * encodeWithoutPrompt(['It rains.', 'The street is wet.'], tokenizer, { maxLength: 128 }).position; // 0
 * ```
 * @param texts one or more texts
 * @returns token ids; `position` is 0 (the cls token), or the last token for `objective: 'causal'`
 * @throws BadArgumentError, MissingSpecialTokenError
 */
export const encodeWithoutPrompt = (
  texts: readonly string[],
  tokenizer: Tokenizer,
  options: LengthOptions = {},
): EncodedPrompt => {
  checkCount('maxLength', options.maxLength, 1);
  const nowhere = { start: 0, end: 0 };
  const pieces: TemplatePiece[] = [{ kind: 'cls', nextSegment: false, source: 'cls', ...nowhere }];
  for (const index of texts.keys()) {
    pieces.push(
      {
        kind: 'sentence',
        index,
        leadingSpace: false,
        dropLast: false,
        firstLetter: 'as-is',
        source: `sent_${index}`,
        ...nowhere,
      },
      { kind: 'sep', nextSegment: true, source: 'sep+', ...nowhere },
    );
  }
  const { objective } = options;
  const drafts = pieces.map((piece, i): Draft => {
    const ends = objective === 'causal' && i === pieces.length - 1 ? tokenizer.after : undefined;
    return ends ? { piece, ids: ends } : draftPiece(piece, texts, tokenizer, { objective });
  });
  const { inputIds, segmentIds, segments } = assemble(
    drafts,
    options.maxLength ?? Number.POSITIVE_INFINITY,
    false,
  );
  const position = objective === 'causal' ? inputIds.length - 1 : 0;
  return {
    inputIds,
    position,
    tokenTypeIds: options.segmentIds === true ? segmentIds : undefined,
    readPositions: [position],
    segments,
  };
};
