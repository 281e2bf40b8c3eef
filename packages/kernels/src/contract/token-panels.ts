/** Examples whose tokens lie side by side in panels of one length, without padding between them. */
export interface TokenPanels {
  /** Tokens of a panel; what its examples leave is filling. */
  readonly length: number;
  /** Examples of every panel, by their place in the list. */
  readonly panels: readonly (readonly number[])[];
}

/**
 * Tokens of a panel of rows. They are few, so that little is computed on both sides of the diagonal, and enough cotangents for
 * products at the full rate.
 */
export const rowTokens = (outputs: number): number => Math.max(256, Math.ceil(400 / outputs));

/** Tokens of a panel of columns; products of all tokens of two panels should stay in the caches. */
export const columnTokens = (outputs: number): number => Math.ceil(2048 / outputs);

/** Lengths of panels are multiples of this, so that few different shapes occur. */
const STEP = 8;

/**
 * Packs examples into as few panels of about `most` tokens as hold them. All panels have one length: the shortest for
 * which putting the longest first, each into the fullest panel with room for it, succeeds.
 *
 * @example
 * ```ts
 * packTokens([5, 3, 6, 2], 8); // { length: 8, panels: [[2, 3], [0, 1]] }
 * ```
 * @param lengths tokens of each example
 */
export const packTokens = (lengths: readonly number[], most: number): TokenPanels => {
  const sum = lengths.reduce((total, length) => total + length, 0);
  const count = Math.max(1, Math.ceil(sum / most));
  const order = [...lengths.keys()].sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const least = Math.max(sum / count, ...lengths);
  for (let length = Math.ceil(least / STEP) * STEP; ; length += STEP) {
    const panels = fill(order, lengths, count, length);
    if (panels) return { length, panels };
  }
};

const fill = (
  order: readonly number[],
  lengths: readonly number[],
  count: number,
  length: number,
): number[][] | undefined => {
  const panels = Array.from({ length: count }, () => ({ left: length, examples: [] as number[] }));
  for (const example of order) {
    const fitting = panels.filter(({ left }) => left >= lengths[example]!);
    if (fitting.length === 0) return undefined;
    const fullest = fitting.reduce((best, panel) => (panel.left < best.left ? panel : best));
    fullest.left -= lengths[example]!;
    fullest.examples.push(example);
  }
  return panels.map(({ examples }) => examples.sort((a, b) => a - b)).filter((panel) => panel.length > 0);
};
