import { BadArgumentError } from '@ntk-lens/core';
import type { BatchEncoding, EncodeBatchOptions, Offset } from './text-encoding.js';

const NO_OFFSET: Offset = [0, 0];

/** The tokens of a text before they are cut. */
export interface BatchRow {
  readonly ids: readonly number[];
  /** Offsets of the tokens from `start` to `end`, which may depend on which of them is first. */
  offsets(start: number, end: number): readonly Offset[];
}

/** Cuts rows to the longest length allowed, puts special tokens around them and pads them. */
export const padAndTruncate = (
  rows: readonly BatchRow[],
  options: EncodeBatchOptions,
  special: { readonly before: readonly number[]; readonly after: readonly number[]; readonly pad: number },
): BatchEncoding => {
  const { truncation = false, padding = false, maxLength, paddingSide = 'right' } = options;
  const withOffsets = options.offsets !== false;
  const before = options.addSpecialTokens ? special.before : [];
  const after = options.addSpecialTokens ? special.after : [];
  if (truncation !== false || padding === 'max-length') {
    const least = before.length + after.length;
    if (maxLength === undefined || !Number.isInteger(maxLength) || maxLength < least)
      throw new BadArgumentError('maxLength', maxLength, `an integer of at least ${least}`);
  }
  if (padding !== false && special.pad < 0)
    throw new BadArgumentError('padding', padding, 'false, because this tokenizer has no padding token');

  const room = truncation === false ? Number.POSITIVE_INFINITY : maxLength! - before.length - after.length;
  const kept = ({ ids: { length } }: BatchRow): [start: number, end: number] =>
    truncation === 'left' ? [Math.max(0, length - room), length] : [0, Math.min(length, room)];
  const ids = rows.map((row) => [...before, ...row.ids.slice(...kept(row)), ...after]);
  const offsets = withOffsets
    ? rows.map((row) => [
        ...before.map(() => NO_OFFSET),
        ...row.offsets(...kept(row)),
        ...after.map(() => NO_OFFSET),
      ])
    : [];
  const attentionMask = ids.map((row) => row.map(() => 1));
  if (padding !== false) {
    const width =
      padding === 'max-length' ? maxLength! : ids.reduce((most, row) => Math.max(most, row.length), 0);
    const fill = <T>(row: T[], value: T): void => {
      const missing = Array.from({ length: Math.max(0, width - row.length) }, () => value);
      if (paddingSide === 'right') for (const item of missing) row.push(item);
      else row.splice(0, 0, ...missing);
    };
    for (const row of ids) fill(row, special.pad);
    for (const row of offsets) fill(row, NO_OFFSET);
    for (const row of attentionMask) fill(row, 0);
  }
  return { ids, attentionMask, offsets };
};
