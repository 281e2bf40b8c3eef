import type { NDArray } from './ndarray.js';

/** Names of the example sets of a run. */
export type SplitName = 'train' | 'dev' | 'test';

/**
 * Everything a solver needs of one split.
 *
 * `kernel` is float64 `[train, C, query, C']`: entry (i, c, j, c') is what the formula makes of ∇f_c(train i) and
 * ∇f_c'(query j); `flipped`, of formulas that are not symmetric, has their parts exchanged (docs/theory.md, Kernels).
 */
export interface KernelSplit {
  readonly kernel: NDArray<'float64'>;
  readonly flipped?: NDArray<'float64'>;
  /** f(·; θ₀), float64 `[query, C]`. */
  readonly logits: NDArray<'float64'>;
  /** Label indices, int32 `[query]`. */
  readonly labels: NDArray<'int32'>;
}
