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
 * Takes the tokens of blocks out of batches. Inputs: activations `a<i>` `[n, T, in]` and cotangents `b<i>.<site>`
 * `[C, n, T, out]` of the batches, and for every block k `order<k>` `[length]`, which numbers the tokens of all batches one
 * after another. Outputs `a<k>` `[length, in]` and `b<k>.<site>` `[C, length, out]`.
 */
export const packProgram = (
  batches: readonly FactorShape[],
  blocks: number,
  length: number,
  s: SharedSites,
): Program => ({
  name: `pack ${describe(s)} ${blocks}x${length}`,
  inputs: {
    ...Object.fromEntries(
      batches.flatMap((f, i) => [
        [`a${i}`, float([f.n, f.length, s.inSize])] as const,
        ...s.outSizes.map((size, k) => [`b${i}.${k}`, float([f.outputs, f.n, f.length, size])] as const),
      ]),
    ),
    ...Object.fromEntries(
      range(blocks).map((k) => [`order${k}`, { dtype: 'int32', shape: [length] }] as const),
    ),
  },
  build: (inputs) => {
    const a = concat(batches.map((f, i) => inputs[`a${i}`]!.reshape([f.n * f.length, s.inSize])));
    const b = s.outSizes.map((size, site) =>
      concat(
        batches.map((f, i) => inputs[`b${i}.${site}`]!.reshape([f.outputs, f.n * f.length, size])),
        1,
      ),
    );
    return Object.fromEntries(
      range(blocks).flatMap((k) => {
        const order = inputs[`order${k}`]!.toInt();
        return [
          [`a${k}`, tf.gather(a, order)] as const,
          ...b.map((all, site) => [`b${k}.${site}`, tf.gather(all, order, 1)] as const),
        ];
      }),
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
  keepWorkspace: true,
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

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

const concat = (parts: readonly tf.Tensor[], axis = 0): tf.Tensor =>
  parts.length === 1 ? parts[0]! : tf.concat([...parts], axis);
