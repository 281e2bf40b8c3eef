import { type Label, labelWidth } from './label.js';
import { text } from './svg.js';

export interface LegendEntry {
  readonly label: Label;
  /** The sample's width, and its markup with its left end at x and its middle at y. */
  readonly width: number;
  readonly sample: (x: number, y: number) => string;
}

const rowHeight = 22;
const left = 20;

/** Entries in rows from `top`, with as many to a row as there is room for. */
export const drawLegend = (
  entries: readonly LegendEntry[],
  top: number,
  width: number,
): { readonly height: number; readonly markup: string } => {
  if (entries.length === 0) return { height: 0, markup: '' };
  const parts: string[] = [];
  let [at, row] = [left, 0];
  for (const { label, width: sampleWidth, sample } of entries) {
    const needed = sampleWidth + 28 + labelWidth(label, 12);
    if (at > left && at + needed > width) [at, row] = [left, row + 1];
    const y = top + 8 + rowHeight * row;
    const from = at + sampleWidth + 8;
    parts.push(sample(at, y), text(from, y + 4, label, { room: width - left - from }));
    at += needed;
  }
  return { height: rowHeight * (row + 1), markup: parts.join('') };
};
