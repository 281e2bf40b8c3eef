import type { NDArray } from './ndarray.js';

/** Names of the example sets, in the order in which draws go through them. */
export const splitNames = ['train', 'dev', 'test'] as const;

/** Name of an example set. */
export type SplitName = (typeof splitNames)[number];

/** One value for each example set. */
export type PerSplit<T> = Readonly<Record<SplitName, T>>;

/**
 * One value for each example set, made in their order.
 *
 * @example
 * ```ts
 * perSplit((split) => `${split}.npy`); // { train: 'train.npy', dev: 'dev.npy', test: 'test.npy' }
 * ```
 */
export const perSplit = <T>(of: (split: SplitName) => T): PerSplit<T> => ({
  train: of('train'),
  dev: of('dev'),
  test: of('test'),
});

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
