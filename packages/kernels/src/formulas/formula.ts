import type { NDArray } from '@ntk-lens/core';
import type { AdamState } from './adam-state.js';
import type { GradientMap } from './gradient-map.js';
import type { LossName } from './losses.js';
import type { WeightDirection } from './weight-direction.js';

/** The maps of a formula: one acts on the gradients of training examples, one on those of queries. */
export interface MapPair {
  readonly train: GradientMap;
  readonly query: GradientMap;
}

/** The values that a formula can ask of the training examples before kernels are computed. */
export interface Preparation {
  /** v: the mean over training examples of the squared gradient of each one's loss at θ₀, by parameter. */
  meanSquaredGradient(loss: LossName): Promise<WeightDirection>;
}

/**
 * A kernel formula: K(ξ, ξ') = ⟨query(∇f(ξ)), train(∇f(ξ'))⟩ with ξ a query and ξ' a training example.
 * Symmetry, the flipped kernel, the ways in which it may be computed, bytes and integer types follow from the
 * two maps. A new formula is a file with such a value and a line in `formulas/all.ts`.
 */
export interface KernelFormula extends MapPair {
  /** As requests and files spell it. */
  readonly name: string;
  /** As tables and figures print it. */
  readonly title: string;
  /** When to choose it, as the rest of a sentence: "for fine-tuning with SGD". */
  readonly purpose?: string;
  /** The settings that distinguish it from others of its name, as plain JSON: they go into manifests. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** It looks at the labels of the training examples. */
  readonly needsLabels?: boolean;
  /** The same formula with what the state of an Adam optimizer says; only formulas that can use it have this. */
  readonly withState?: (state: AdamState) => KernelFormula;
  /** An error for a parameter that cannot take part; nothing for one that can. */
  readonly refuse?: (parameter: string) => Error | undefined;
  /** A pass over the training examples that gives the maps what they depend on. */
  readonly prepare?: (examples: Preparation) => Promise<MapPair>;
  /**
   * Maps the products to the kernel at the end. With it the diagonals are computed, too: K(ξ, ξ) of every row
   * and column. A kernel that is larger than memory comes in blocks of rows, so an entry may depend on nothing but itself and the
   * two diagonals.
   *
   * @param kernel `[train, C, query, C]`, or some of its rows; may be changed in place
   * @param rows K(ξ, ξ) of each row, `[train · C]`
   * @param columns K(ξ, ξ) of each column, `[query · C]`
   */
  readonly finish?: (
    kernel: NDArray<'float64'>,
    rows: ArrayLike<number>,
    columns: ArrayLike<number>,
  ) => NDArray<'float64'>;
}

/**
 * True when K(ξ, ξ') = K(ξ', ξ): train and query are one map, or both are linear. (Linear maps are diagonal here, and so
 * can be moved from one side to the other.) A formula that is not symmetric has a flipped kernel, and is defined for one
 * output (docs/theory.md, A-SignGD).
 */
export const isSymmetric = ({ train, query }: MapPair): boolean =>
  train === query || (train.linear && query.linear);

/**
 * True when the kernel is ⟨∇f, ∇f⟩ itself, which a random projection keeps (docs/theory.md, Johnson–Lindenstrauss).
 *
 * @example
 * ```ts
 * isInnerProduct(formulaOf('sgd')); // true
 * isInnerProduct(formulaOf('signgd')); // false
 * ```
 */
export const isInnerProduct = ({
  train,
  query,
  finish,
}: Pick<KernelFormula, 'train' | 'query' | 'finish'>): boolean =>
  finish === undefined && [train, query].every(({ linear, needsFactors }) => linear && !needsFactors);

/** True when gradients must be formed before they are multiplied, except where an example has one token. */
export const formsGradients = (maps: MapPair): boolean =>
  !(keepsRankOne(maps) && maps.train.linear && maps.query.linear);

/** True when gradients of one token can be multiplied through their factors: a map's own factors are a matrix. */
export const keepsRankOne = ({ train, query }: MapPair): boolean =>
  [train, query].every((map) => map.keepsRankOne && !map.needsFactors);

/** True when products are computed as integers. */
export const isTernary = ({ train, query }: MapPair): boolean => train.ternary && query.ternary;

/** Bytes of one element of a mapped gradient as products take it. */
export const productBytes = (maps: MapPair): 1 | 4 => (isTernary(maps) ? 1 : 4);

/** Bytes of one element of a gradient with what its maps make of it; signs that are multiplied as integers take one. */
export const elementBytes = (maps: MapPair): number => {
  const own = [...new Set([maps.train, maps.query])];
  return 4 + own.reduce((sum, { bytes }) => sum + (isTernary(maps) ? 1 : bytes), 0);
};

/** Kernels that are computed per entry: two where the formula is not symmetric. */
export const kernelCount = (maps: MapPair): 1 | 2 => (isSymmetric(maps) ? 1 : 2);

/** A formula as manifests record it: its name, with its settings where it has any. */
export const describeFormula = ({ name, settings }: KernelFormula): string | Record<string, unknown> =>
  settings ? { name, ...settings } : name;
