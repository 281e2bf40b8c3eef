import { type Program, type TensorSpec, tf } from '@ntk-lens/engine';
import { type FactorShape, factorSpecs, productOf, type SiteSize } from './gram-programs.js';

/** Tokens of several examples side by side. */
export interface PackedShape {
  readonly outputs: number;
  /** Tokens, filling included. */
  readonly length: number;
  /** Examples that there is room for. */
  readonly room: number;
}

/**
 * Takes the tokens of blocks out of batches. Inputs: factors `a<i>`, `b<i>` of the batches, and for every block k `order<k>`
 * `[length]`, which numbers the tokens of all batches one after another. Outputs `a<k>` `[length, in]` and `b<k>`
 * `[C, length, out]`.
 */
export const packProgram = (
  batches: readonly FactorShape[],
  blocks: number,
  length: number,
  s: SiteSize,
): Program => ({
  name: `pack ${s.inSize}x${s.outSize} ${blocks}x${length}`,
  inputs: {
    ...(Object.assign({}, ...batches.map((f, i) => factorSpecs(`${i}`, f, s))) as Record<string, TensorSpec>),
    ...Object.fromEntries(
      range(blocks).map((k) => [`order${k}`, { dtype: 'int32', shape: [length] }] as const),
    ),
  },
  build: (inputs) => {
    const a = concat(batches.map((f, i) => inputs[`a${i}`]!.reshape([f.n * f.length, s.inSize])));
    const b = concat(
      batches.map((f, i) => inputs[`b${i}`]!.reshape([f.outputs, f.n * f.length, s.outSize])),
      1,
    );
    return Object.fromEntries(
      range(blocks).flatMap((k) => {
        const order = inputs[`order${k}`]!.toInt();
        return [[`a${k}`, tf.gather(a, order)] as const, [`b${k}`, tf.gather(b, order, 1)] as const];
      }),
    );
  },
});

const packedSpecs = (suffix: string, p: PackedShape, s: SiteSize): Record<string, TensorSpec> => ({
  [`a${suffix}`]: { dtype: 'float32', shape: [p.length, s.inSize] },
  [`b${suffix}`]: { dtype: 'float32', shape: [p.outputs, p.length, s.outSize] },
  [`owner${suffix}`]: { dtype: 'float32', shape: [p.room, p.length] },
});

/**
 * Kernel of the examples of two blocks through the Grams of their factors, without forming gradients (SGD):
 * Σ_{t,t'} (a_t·a'_t')(b_t·b'_t') over the tokens of every two examples. `owner` `[room, length]` is 1 where a token
 * belongs to an example, so that a product with it sums over each example's tokens. Output `k` `[C·room, C·room']`.
 */
export const packedGramProgram = (left: PackedShape, right: PackedShape, s: SiteSize): Program => ({
  name: `packed gram ${s.inSize}x${s.outSize}`,
  keepWorkspace: true,
  inputs: { ...packedSpecs('0', left, s), ...packedSpecs('1', right, s) },
  build: ({ a0, b0, owner0, a1, b1, owner1 }) => {
    const rows = (b: tf.Tensor, p: PackedShape) => b.reshape([p.outputs * p.length, s.outSize]);
    const activations = productOf(a0!, a1!).reshape([1, left.length, 1, right.length]);
    const cotangents = productOf(rows(b0!, left), rows(b1!, right));
    const products = cotangents
      .reshape([left.outputs, left.length, right.outputs, right.length])
      .mul(activations)
      .reshape([left.outputs, left.length, right.outputs * right.length]);
    const perExample = tf.matMul(tf.tile(owner0!.expandDims(0), [left.outputs, 1, 1]), products);
    const k = productOf(
      perExample.reshape([left.outputs * left.room * right.outputs, right.length]),
      owner1!,
    );
    return { k: k.reshape([left.outputs * left.room, right.outputs * right.room]) };
  },
});

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

const concat = (parts: readonly tf.Tensor[], axis = 0): tf.Tensor =>
  parts.length === 1 ? parts[0]! : tf.concat([...parts], axis);
