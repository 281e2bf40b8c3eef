import type { TensorSpec } from '@ntk-lens/engine';
import type { MatrixFactors } from '../factors/stage-factors.js';

/** Sizes of a matrix gradient. */
export interface MatrixSize {
  readonly inSize: number;
  readonly outSize: number;
}

/** Shape of one batch's factors, on which programs depend. */
export interface FactorShape {
  /** Gradients per example. */
  readonly outputs: number;
  readonly n: number;
  readonly length: number;
}

/** A batch as costs see it. */
export type CountedBatch = FactorShape & Pick<MatrixFactors, 'tokens'>;

export const shapeOfFactors = ({ outputs, n, length }: FactorShape): FactorShape => ({ outputs, n, length });

/** Activations `[n, T, in]` and, for each output, cotangents `[n, T, out]`. */
export interface Factors<Leaf> {
  readonly a: Leaf;
  readonly b: readonly Leaf[];
}

export const float = (shape: readonly number[]): TensorSpec => ({ dtype: 'float32', shape });

/** Types and shapes of one batch's factors. */
export const factorSpecs = (f: FactorShape, s: MatrixSize): Factors<TensorSpec> => ({
  a: float([f.n, f.length, s.inSize]),
  b: Array.from({ length: f.outputs }, () => float([f.n, f.length, s.outSize])),
});

/** The factors alone. */
export const factorsOf = <Leaf>({ a, b }: Factors<Leaf>): Factors<Leaf> => ({ a, b });
