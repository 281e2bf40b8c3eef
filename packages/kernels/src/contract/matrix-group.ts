import type { MatrixSize } from './matrix-shapes.js';

/**
 * The factors that are the same for all matrices of a group. Those that read one hidden state share its activations. Those
 * whose outputs are added up share the cotangents of the sum, as the two branches of a parallel layer do. Then
 * Σ_matrix (a_t·a'_t') (b_t·b'_t') is a product with one sum, and the Gram of what is shared is computed once
 * (docs/theory.md, Linear sites).
 */
export type Shares = 'activations' | 'cotangents';

/** Sizes of the different activations and of the different cotangents of a group. */
export interface GroupSizes {
  readonly inSizes: readonly number[];
  readonly outSizes: readonly number[];
}

/** Matrices that are contracted together. */
export interface MatrixGroup<M> {
  readonly shares: Shares;
  readonly members: readonly [M, ...M[]];
}

export const groupSizes = (shares: Shares, sizes: readonly MatrixSize[]): GroupSizes => {
  const inSizes = sizes.map(({ inSize }) => inSize);
  const outSizes = sizes.map(({ outSize }) => outSize);
  return shares === 'activations'
    ? { inSizes: inSizes.slice(0, 1), outSizes }
    : { inSizes, outSizes: outSizes.slice(0, 1) };
};

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

/** A group as one matrix, with its activations side by side, and its cotangents. */
export const asOne = ({ inSizes, outSizes }: GroupSizes): MatrixSize => ({
  inSize: sum(inSizes),
  outSize: sum(outSizes),
});
