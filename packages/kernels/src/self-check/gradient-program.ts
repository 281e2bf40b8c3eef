import { defineProgram, type TensorSpec, tf } from '@ntk-lens/engine';
import { usedShape } from '@ntk-lens/models';
import { type Factors, float } from '../contract/matrix-shapes.js';
import { vectorRanges } from '../contract/shared-parameters.js';
import type { ActiveParameters } from '../factors/active-parameters.js';
import { gradientRows } from '../factors/gradient-rows.js';
import { vectorRows } from '../sites/index.js';
import type { VectorLengths } from '../sites/kernel-site.js';

/** The factors of one output of one example, as `stageFactors` gives them. */
export interface ExampleFactors<Leaf> {
  readonly matrices: readonly Factors<Leaf>[];
  readonly vectors: Leaf | undefined;
  readonly rows: readonly Leaf[];
}

interface GradientSettings {
  /** The stage's function. */
  readonly stage: { readonly identity: string };
  readonly active: ActiveParameters;
  /** Shapes in which the parameters are used, in the order of `allActive`. */
  readonly used: readonly (readonly number[])[];
  readonly lengths: VectorLengths;
  readonly factors: ExampleFactors<readonly number[]>;
}

/**
 * Forms the gradient of one output of one example from the factors of a stage. It covers every parameter, in
 * the shape in which the stage uses it and in the order of `allActive`. Kernels avoid this; it is for checks.
 */
export const gradientProgram = defineProgram('gradient', {
  inputs: ({ factors: { matrices, vectors, rows }, lengths }: GradientSettings) => ({
    factors: {
      matrices: matrices.map(({ a, b }): Factors<TensorSpec> => ({ a: float(a), b: b.map(float) })),
      vectors: vectors && float(vectors),
      rows: rows.map(float),
    },
    ids: { dtype: 'int32', shape: [1, lengths.padTo] } as TensorSpec,
  }),
  build: ({ factors, ids }, { active, lengths }) => {
    const matrices = active.matrices.map(({ ref, inFirst }, i) => {
      const shape = usedShape(ref);
      return gradientRows(factors.matrices[i]!, inFirst, 0, shape[0]!).reshape(shape);
    });
    const ranges = vectorRanges(active.vectors, lengths.padTo);
    const vectors = active.vectors.flatMap((parameter, i) => {
      if (!factors.vectors) return [];
      const [start, size] = ranges[i]!;
      const { row, rows, width } = vectorRows(parameter, lengths);
      const shape = usedShape(parameter.ref);
      const piece = tf.slice(factors.vectors, [0, 0, start], [1, 1, size]).reshape([rows, width]);
      const after = shape[0]! - row - rows;
      const whole =
        row + after > 0
          ? tf.pad(piece, [
              [row, after],
              [0, 0],
            ])
          : piece;
      return [whole.reshape(shape)];
    });
    // Σ_{t : id_t = i} b_t, as a product with the one-hot ids.
    const tables = active.rows.map(({ ref }, i) => {
      const [count, width] = usedShape(ref) as [number, number];
      const oneHot = tf.oneHot(ids.flatten().toInt(), count).toFloat() as tf.Tensor2D;
      return tf.matMul(oneHot, factors.rows[i]!.reshape([lengths.padTo, width]) as tf.Tensor2D, true);
    });
    return { gradients: [...matrices, ...vectors, ...tables] };
  },
});
