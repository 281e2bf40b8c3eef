import { type Program, type TensorSpec, tf } from '@ntk-lens/engine';
import { type FactorShape, productOf, total } from './gram-programs.js';

/** Tokens of several examples side by side. */
export interface PackedShape {
  readonly outputs: number;
  /** Tokens, filling included. */
  readonly length: number;
  /** Examples that there is room for. */
  readonly room: number;
}

/** Linear sites that read the same activations. */
export interface SharedSites {
  readonly inSize: number;
  readonly outSizes: readonly number[];
}

const describe = ({ inSize, outSizes }: SharedSites): string => `${inSize}x${outSizes.join('+')}`;

/**
 * Takes the tokens of blocks out of batches. Inputs: activations `a<i>` `[n, T, in]` and cotangents `b<i>.<site>.<c>`
 * `[n, T, out]` of the batches, and `order<k>.<i>`, which numbers the tokens of batch i, padding included, that block k
 * takes, batch by batch. Outputs `a<k>` `[length, in]` and `b<k>.<site>` `[C, length, out]`.
 *
 * @param takes of every block, how many tokens of each batch
 */
export const packProgram = (
  batches: readonly FactorShape[],
  takes: readonly (readonly number[])[],
  s: SharedSites,
): Program => ({
  name: `pack ${describe(s)}`,
  inputs: {
    ...Object.fromEntries(
      batches.flatMap((f, i) => [
        [`a${i}`, float([f.n, f.length, s.inSize])] as const,
        ...s.outSizes.flatMap((size, site) =>
          Array.from(
            { length: f.outputs },
            (_, c) => [`b${i}.${site}.${c}`, float([f.n, f.length, size])] as const,
          ),
        ),
      ]),
    ),
    ...Object.fromEntries(
      takes.flatMap((counts, k) =>
        counts.flatMap((count, i) =>
          count > 0 ? [[`order${k}.${i}`, { dtype: 'int32', shape: [count] }] as const] : [],
        ),
      ),
    ),
  },
  build: (inputs) => {
    const outputs = Array.from({ length: batches[0]!.outputs }, (_, c) => c);
    // Taken before they are joined: padding is not copied twice.
    const taken = (k: number, nameOf: (i: number) => string) =>
      batches.flatMap((f, i) => {
        const order = inputs[`order${k}.${i}`];
        if (!order) return [];
        const x = inputs[nameOf(i)]!;
        return [tf.gather(x.reshape([f.n * f.length, x.shape[2]!]), order.toInt())];
      });
    return Object.fromEntries(
      takes.flatMap((counts, k) => [
        [`a${k}`, concat(taken(k, (i) => `a${i}`))] as const,
        ...s.outSizes.map((size, site) => {
          const rows = concat(outputs.flatMap((c) => taken(k, (i) => `b${i}.${site}.${c}`)));
          const length = counts.reduce((sum, count) => sum + count, 0);
          return [`b${k}.${site}`, rows.reshape([outputs.length, length, size])] as const;
        }),
      ]),
    );
  },
});

const packedSpecs = (suffix: string, p: PackedShape, s: SharedSites): Record<string, TensorSpec> => ({
  [`a${suffix}`]: float([p.length, s.inSize]),
  ...Object.fromEntries(
    s.outSizes.map((size, site) => [`b${suffix}.${site}`, float([p.outputs, p.length, size])] as const),
  ),
  [`owner${suffix}`]: float([p.room, p.length]),
});

/**
 * Kernel of the examples of two blocks through the Grams of their factors, without forming gradients (SGD):
 * Σ_{t,t'} (a_t·a'_t') Σ_site (b_t·b'_t') over the tokens of every two examples. `owner` `[room, length]` is 1 where a token
 * belongs to an example, so that a product with it sums over each example's tokens. Output `k` `[C·room, C·room']`.
 */
export const packedGramProgram = (left: PackedShape, right: PackedShape, s: SharedSites): Program => ({
  name: `packed gram ${describe(s)}`,
  inputs: { ...packedSpecs('0', left, s), ...packedSpecs('1', right, s) },
  build: (inputs) => {
    const rows = (b: tf.Tensor) => b.reshape([b.shape[0]! * b.shape[1]!, b.shape[2]!]);
    const activations = productOf(inputs['a0']!, inputs['a1']!);
    const cotangents = total(
      s.outSizes.map((_, site) => productOf(rows(inputs[`b0.${site}`]!), rows(inputs[`b1.${site}`]!))),
    );
    const products = cotangents
      .reshape([left.outputs, left.length, right.outputs, right.length])
      .mul(activations.reshape([1, left.length, 1, right.length]))
      .reshape([left.outputs, left.length, right.outputs * right.length]);
    const owners = tf.tile(inputs['owner0']!.expandDims(0), [left.outputs, 1, 1]);
    const perExample = tf
      .matMul(owners, products)
      .reshape([left.outputs * left.room * right.outputs, right.length]);
    const k = productOf(perExample, inputs['owner1']!);
    return { k: k.reshape([left.outputs * left.room, right.outputs * right.room]) };
  },
});

const float = (shape: readonly number[]): TensorSpec => ({ dtype: 'float32', shape });

const concat = (parts: readonly tf.Tensor[]): tf.Tensor =>
  parts.length === 1 ? parts[0]! : tf.concat([...parts]);
