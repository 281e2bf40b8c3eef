import type { Batch } from '@ntk-lens/models';
import { remembered } from '../remembered.js';
import { kernelBatches } from './kernel-batches.js';

/** Examples of one side of a tile, in batches. */
export interface PanelBatches {
  /** Tokens of every example. */
  readonly lengths: readonly number[];
  /** The same for panels of the same lengths, in the same order. */
  readonly key: string;
  /** Indices count within the panel. */
  readonly batches: readonly Batch[];
  /** Tokens of all batches, padded. */
  readonly padded: number;
}

/**
 * Puts panels of examples into batches. Tiles have the same rows many times, and plans have panels of the same lengths again and
 * again: each is put into batches once.
 *
 * @param lengths tokens of every example
 * @param longest longest sequence that the model takes
 */
export const panelBatches = (
  lengths: readonly number[],
  batchSize: number,
  longest: number,
): ((panel: readonly number[]) => PanelBatches) => {
  const byPanel = new WeakMap<readonly number[], PanelBatches>();
  const byLengths = new Map<string, PanelBatches>();
  const make = (key: string, own: readonly number[]): PanelBatches => {
    const batches = kernelBatches(own, batchSize, longest);
    const padded = batches.reduce((sum, { indices, length }) => sum + indices.length * length, 0);
    return { lengths: own, key, batches, padded };
  };
  return (panel) =>
    remembered(byPanel, panel, () => {
      const own = panel.map((i) => lengths[i]!);
      const key = runsOf(own);
      return remembered(byLengths, key, () => make(key, own));
    });
};

/** Numbers as runs of equal ones, which are few where they are in order. */
const runsOf = (numbers: readonly number[]): string => {
  let [text, from] = ['', 0];
  for (let i = 1; i <= numbers.length; i++)
    if (numbers[i] !== numbers[from]) {
      text += `${numbers[from]}x${i - from},`;
      from = i;
    }
  return text;
};
