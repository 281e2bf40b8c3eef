import type { Batch } from '@ntk-lens/models';
import type { CountedBatch } from '../contract/matrix-shapes.js';
import { bothSides, type Sides } from '../contract/pairs.js';

/** Examples of one side of a tile, in batches whose indices count within them. */
export interface SideBatches {
  readonly examples: readonly number[];
  readonly batches: readonly Batch[];
}

const NEVER = -1;

/**
 * Remembers whose gradients of which matrix were formed, and by which sweep: every tile forms those of its rows and columns.
 *
 * @returns tokens of the examples of a tile whose gradients an earlier sweep formed, too
 */
export const formedAgain = (examples: number) => {
  const known = new Map<string, Int32Array>();
  return (
    sweep: number,
    matrix: string,
    { rows, columns }: { readonly [S in keyof Sides<unknown>]: SideBatches },
    counted: Sides<CountedBatch>,
  ): number => {
    const formed = known.get(matrix) ?? new Int32Array(examples).fill(NEVER);
    known.set(matrix, formed);
    let again = 0;
    const counts = bothSides(counted);
    const all = [rows, columns].flatMap(({ examples, batches }) =>
      batches.map(({ indices }) => indices.map((i) => examples[i]!)),
    );
    for (const [k, batch] of all.entries()) {
      const { tokens, length } = counts[k]!;
      for (const [i, example] of batch.entries()) {
        const before = formed[example];
        formed[example] = sweep;
        if (before !== NEVER && before !== sweep) again += tokens?.[i] ?? length;
      }
    }
    return again;
  };
};
