import { wrapText } from '@ntk-lens/core';
import { cellWidth } from './cell-width.js';

/** Pieces of a word that are no wider than some columns; a character that is wider stands alone. */
const pieces = (word: string, width: number): string[] => {
  if (cellWidth(word) <= width) return [word];
  const out: string[] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    const wide = cellWidth(segment);
    if (used + wide <= width) out[out.length - 1] += segment;
    else out.push(segment);
    used = used + wide <= width ? used + wide : wide;
  }
  return out;
};

/** The lines of a text in a column: broken between words, and in a word only where the column is narrower. */
export const wrapCell = (text: string, width: number): string[] =>
  cellWidth(text) <= width
    ? [text]
    : wrapText(text.trim(), width, cellWidth).flatMap((line) => pieces(line, width));

/** Widths of columns that take some room together, at least so much each; the widest give way first. */
export const fittedWidths = (
  natural: readonly number[],
  least: readonly number[],
  room: number,
): readonly number[] => {
  const below = (most: number): number[] =>
    natural.map((width, c) => Math.max(least[c]!, Math.min(width, most)));
  const total = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + width, 0);
  if (total(natural) <= room) return natural;
  let [fits, exceeds] = [0, Math.max(...natural)];
  while (exceeds - fits > 1) {
    const middle = (fits + exceeds) >> 1;
    if (total(below(middle)) <= room) fits = middle;
    else exceeds = middle;
  }
  return below(fits);
};
