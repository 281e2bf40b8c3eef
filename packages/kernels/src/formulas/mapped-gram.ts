import { sign, ternary, ternaryGram, tf } from '@ntk-lens/engine';
import { isSymmetric, isTernary, type MapPair } from './formula.js';
import type { GradientMap } from './gradient-map.js';

/** Factors of the maps of training examples and of queries, where they have any. */
export interface MapFactors<Leaf> {
  readonly train: Leaf | undefined;
  readonly query: Leaf | undefined;
}

export const noFactors: MapFactors<never> = { train: undefined, query: undefined };

/** A map with its factors, for one side of a product. */
export interface SideMap {
  readonly map: GradientMap;
  readonly factor: tf.Tensor | undefined;
}

/** Maps gradients, or factors if the map of the side goes through them. */
export const applyMap = ({ map, factor }: SideMap, x: tf.Tensor): tf.Tensor =>
  map.tensor(x, factor, { sign });

/** The maps of rows and of columns. */
export interface Orientation {
  readonly rows: SideMap;
  readonly columns: SideMap;
}

/** The formula's own orientation, and, where it is not symmetric, the other one, in which its maps are exchanged. */
export const orientations = (
  { train, query }: MapPair,
  factors: MapFactors<tf.Tensor>,
): { readonly kernel: Orientation; readonly flipped: Orientation | undefined } => {
  const own: SideMap = { map: train, factor: factors.train };
  const other: SideMap = { map: query, factor: factors.query };
  return {
    kernel: { rows: own, columns: other },
    flipped: isSymmetric({ train, query }) ? undefined : { rows: other, columns: own },
  };
};

/** a bᵀ. */
export const productOf = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
  tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true);

/** The product of a formula's mapped gradients, in integers if all of them are signs. */
export interface MappedGram {
  /** A mapped gradient as `product` takes it. */
  map(gradient: tf.Tensor, side: SideMap): tf.Tensor;
  /** Products of the rows of both. */
  product(left: tf.Tensor, right: tf.Tensor): tf.Tensor;
  /** The product of each row of one with the same row of the other. */
  squares(left: tf.Tensor, right: tf.Tensor): tf.Tensor;
}

const floats: MappedGram = {
  map: (gradient, side) => applyMap(side, gradient),
  product: productOf,
  squares: (left, right) => left.mul(right).sum(1),
};

const integers: MappedGram = {
  map: (gradient) => ternary(gradient),
  product: (left, right) => ternaryGram(left, right),
  // Bytes that stand for signs are no numbers until they are multiplied.
  squares: (left, right) => ternaryGram(left, right).mul(tf.eye(left.shape[0]!)).sum(1),
};

/** See {@link MappedGram}. */
export const mappedGram = (maps: MapPair): MappedGram => (isTernary(maps) ? integers : floats);
