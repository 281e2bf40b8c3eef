import { defineProgram, type TensorSpec, tf } from '@ntk-lens/engine';
import type { ProgramMaps } from '../formulas/formula.js';
import { applyMap, noFactors, orientations, productOf } from '../formulas/mapped-gram.js';
import { type FactorShape, type Factors, float } from './matrix-shapes.js';
import { joined, total } from './total.js';

/** Tokens of several examples side by side. */
export interface PackedShape {
  readonly outputs: number;
  /** Tokens, filling included. */
  readonly length: number;
  /** Examples that there is room for. */
  readonly room: number;
}

/** Matrices that read the same activations. */
export interface SharedMatrices {
  readonly inSize: number;
  readonly outSizes: readonly number[];
}

/** A batch's activations `[n, T, in]`, and the cotangents `[n, T, out]` of every matrix and output. */
export interface SharedFactors<Leaf> {
  readonly a: Leaf;
  readonly b: readonly (readonly Leaf[])[];
}

interface PackSettings {
  readonly batches: readonly FactorShape[];
  /** Of every block, how many tokens of each batch. */
  readonly takes: readonly (readonly number[])[];
  readonly shared: SharedMatrices;
}

/**
 * Takes the tokens of blocks out of batches: `orders` numbers, for every block and batch, the tokens of the batch, padding
 * included, that the block takes (nothing where it takes none). Blocks are activations `a` `[length, in]` and, for every
 * matrix, cotangents `b` `[C, length, out]`.
 */
export const packTokensOf = defineProgram('pack', {
  inputs: ({ batches, takes, shared }: PackSettings) => ({
    batches: batches.map(
      (f): SharedFactors<TensorSpec> => ({
        a: float([f.n, f.length, shared.inSize]),
        b: shared.outSizes.map((size) =>
          Array.from({ length: f.outputs }, () => float([f.n, f.length, size])),
        ),
      }),
    ),
    orders: takes.map((counts) =>
      counts.map((count): TensorSpec | undefined =>
        count > 0 ? { dtype: 'int32', shape: [count] } : undefined,
      ),
    ),
  }),
  build: ({ batches, orders }, { takes, shared }) => {
    // Taken before they are joined: padding is not copied twice.
    const take = (own: readonly (tf.Tensor | undefined)[], x: (i: number) => tf.Tensor) =>
      own.flatMap((order, i) => {
        if (!order) return [];
        const [n, length, width] = x(i).shape as [number, number, number];
        return [tf.gather(x(i).reshape([n * length, width]), order.toInt())];
      });
    return {
      blocks: orders.map((own, k) => ({
        a: joined(take(own, (i) => batches[i]!.a)),
        b: shared.outSizes.map((size, matrix) => {
          const outputs = batches[0]!.b[matrix]!.length;
          const each = Array.from({ length: outputs }, (_, c) =>
            take(own, (i) => batches[i]!.b[matrix]![c]!),
          );
          const length = takes[k]!.reduce((sum, count) => sum + count, 0);
          return joined(each.flat()).reshape([outputs, length, size]);
        }),
      })),
    };
  },
});

interface PackedGramSettings {
  readonly maps: ProgramMaps;
  readonly left: PackedShape;
  readonly right: PackedShape;
  readonly shared: SharedMatrices;
}

/** A block of tokens: its factors, and 1 where a token belongs to an example, `owner` `[room, length]`. */
export interface PackedFactors<Leaf> extends Factors<Leaf> {
  readonly owner: Leaf;
}

const packedSpecs = (p: PackedShape, { inSize, outSizes }: SharedMatrices): PackedFactors<TensorSpec> => ({
  a: float([p.length, inSize]),
  b: outSizes.map((size) => float([p.outputs, p.length, size])),
  owner: float([p.room, p.length]),
});

/**
 * Kernel of the examples of two blocks through the Grams of their factors, without forming gradients:
 * Σ_{t,t'} (a_t·a'_t') Σ_matrix (b_t·b'_t') over the tokens of every two examples (docs/theory.md, Sums and rank one).
 * A product with `owner` sums over each example's tokens. Blocks `[C·room, C·room']`.
 */
export const packedGram = defineProgram('packed gram', {
  inputs: ({ left, right, shared }: PackedGramSettings) => ({
    x: packedSpecs(left, shared),
    y: packedSpecs(right, shared),
  }),
  build: ({ x, y }, { maps, left, right }) => {
    const rowsOf = (b: tf.Tensor) => b.reshape([b.shape[0]! * b.shape[1]!, b.shape[2]!]);
    const gram = ({ rows, columns }: ReturnType<typeof orientations>['kernel']) => {
      const product = (p: tf.Tensor, q: tf.Tensor) => productOf(applyMap(rows, p), applyMap(columns, q));
      const activations = product(x.a, y.a);
      const cotangents = total(x.b.map((b, matrix) => product(rowsOf(b), rowsOf(y.b[matrix]!))));
      const products = cotangents
        .reshape([left.outputs, left.length, right.outputs, right.length])
        .mul(activations.reshape([1, left.length, 1, right.length]))
        .reshape([left.outputs, left.length, right.outputs * right.length]);
      const owners = tf.tile(x.owner.expandDims(0), [left.outputs, 1, 1]);
      const perExample = tf
        .matMul(owners, products)
        .reshape([left.outputs * left.room * right.outputs, right.length]);
      const k = productOf(perExample, y.owner);
      return k.reshape([left.outputs * left.room, right.outputs * right.room]);
    };
    const { kernel, flipped } = orientations(maps, noFactors);
    return { kernel: gram(kernel), flipped: flipped && gram(flipped) };
  },
});
