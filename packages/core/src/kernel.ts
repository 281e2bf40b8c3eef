import type { NDArray } from './ndarray.js';

/** Kernel formulas (docs/theory.md, Kernels): empirical NTK, SignGD and the asymmetric A-SignGD. */
export type Formula = 'sgd' | 'signgd' | 'a-signgd';

/** Names of the example sets of a run. */
export type SplitName = 'train' | 'dev' | 'test';

/**
 * Everything a solver needs of one split.
 *
 * `kernel` is float64 `[train, C, query, C']`: entry (i, c, j, c') is ⟨∇f_c(train i), ∇f_c'(query j)⟩ for SGD,
 * and ⟨sign ∇f_c(train i), ∇f_c'(query j)⟩ for A-SignGD, whose `flipped` is ⟨∇f_c(train i), sign ∇f_c'(query j)⟩.
 */
export interface KernelSplit {
  readonly kernel: NDArray<'float64'>;
  readonly flipped?: NDArray<'float64'>;
  /** f(·; θ₀), float64 `[query, C]`. */
  readonly logits: NDArray<'float64'>;
  /** Label indices, int32 `[query]`. */
  readonly labels: NDArray<'int32'>;
}
