import type { TemplatePiece } from '../template/piece.js';
import type { Omission, PromptSegment } from './alignment.js';

/** A piece with its tokens, the piece's own limit not yet applied. */
export interface Draft {
  readonly piece: TemplatePiece;
  readonly text?: string;
  readonly ids: readonly number[];
  /** Most tokens this piece may keep. */
  readonly limit?: number;
  /** Tokens that the limit cut off before. */
  readonly cut?: readonly number[];
}

export interface AssembledPrompt {
  readonly inputIds: number[];
  readonly segmentIds: number[];
  readonly segments: PromptSegment[];
  /** Tokens before the cut to the maximum length. */
  readonly fullLength: number;
}

/**
 * Joins drafts, cuts sentences to their limits and the whole to `maxLength` tokens from the tail (or head),
 * and keeps account of every token.
 */
export const assemble = (
  drafts: readonly Draft[],
  maxLength: number,
  truncateHead: boolean,
): AssembledPrompt => {
  const limited = drafts.map((draft) => draft.ids.slice(0, draft.limit));
  const fullLength = limited.reduce((sum, ids) => sum + ids.length, 0);
  const first = truncateHead ? Math.max(0, fullLength - maxLength) : 0;
  const last = Math.min(fullLength, first + maxLength);
  const inputIds: number[] = [];
  const segmentIds: number[] = [];
  const segments: PromptSegment[] = [];
  let offset = 0;
  let segmentId = 0;
  for (const [i, draft] of drafts.entries()) {
    const ids = limited[i]!;
    const from = Math.min(ids.length, Math.max(0, first - offset));
    const to = Math.max(from, Math.min(ids.length, last - offset));
    const kept = ids.slice(from, to);
    const omissions: Omission[] = [
      { reason: 'max-length', side: 'head', ids: ids.slice(0, from) },
      { reason: 'max-length', side: 'tail', ids: ids.slice(to) },
      { reason: 'sentence-limit', side: 'tail', ids: draft.cut ?? draft.ids.slice(ids.length) },
    ];
    segments.push({
      piece: draft.piece,
      text: draft.text,
      start: inputIds.length,
      ids: kept,
      omissions: omissions.filter((omission) => omission.ids.length > 0),
    });
    for (const id of kept) {
      inputIds.push(id);
      segmentIds.push(segmentId);
    }
    offset += ids.length;
    if (draft.piece.kind === 'sep' && draft.piece.nextSegment) segmentId++;
  }
  return { inputIds, segmentIds, segments, fullLength };
};
