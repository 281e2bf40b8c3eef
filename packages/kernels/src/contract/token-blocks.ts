/** Examples whose tokens lie side by side in blocks of one length, without padding between them. */
export interface TokenBlocks {
  /** Tokens of a block; what its examples leave is filling. */
  readonly length: number;
  /** Examples of every block, by their place in the list. */
  readonly blocks: readonly (readonly number[])[];
}

/** Lengths of blocks are multiples of this, so that few different shapes occur. */
const STEP = 8;

/**
 * Packs examples into as few blocks of about `most` tokens as hold them. All blocks have one length: the shortest for
 * which putting the longest first, each into the fullest block with room for it, succeeds.
 *
 * @example
 * ```ts
 * packTokens([5, 3, 6, 2], 8); // { length: 8, blocks: [[2, 3], [0, 1]] }
 * ```
 * @param lengths tokens of each example
 */
export const packTokens = (lengths: readonly number[], most: number): TokenBlocks => {
  const sum = lengths.reduce((total, length) => total + length, 0);
  const count = Math.max(1, Math.ceil(sum / most));
  const order = [...lengths.keys()].sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const least = Math.max(sum / count, ...lengths);
  for (let length = Math.ceil(least / STEP) * STEP; ; length += STEP) {
    const blocks = fill(order, lengths, count, length);
    if (blocks) return { length, blocks };
  }
};

const fill = (
  order: readonly number[],
  lengths: readonly number[],
  count: number,
  length: number,
): number[][] | undefined => {
  const blocks = Array.from({ length: count }, () => ({ left: length, examples: [] as number[] }));
  for (const example of order) {
    const fitting = blocks.filter(({ left }) => left >= lengths[example]!);
    if (fitting.length === 0) return undefined;
    const fullest = fitting.reduce((best, block) => (block.left < best.left ? block : best));
    fullest.left -= lengths[example]!;
    fullest.examples.push(example);
  }
  return blocks.map(({ examples }) => examples.sort((a, b) => a - b)).filter((block) => block.length > 0);
};
