import { defineProgram, tf } from '@ntk-lens/engine';
import { type FactorShape, factorSpecs, float, type MatrixSize } from './matrix-shapes.js';
import { joined } from './total.js';

interface JoinSettings {
  readonly parts: readonly FactorShape[];
  readonly size: MatrixSize;
  /** 0 joins examples, `[Σ n, T', ·]`; 1 joins tokens, `[n, Σ T', ·]`. */
  readonly axis: 0 | 1;
}

/** Joins factors of one matrix: those of several batches along the examples, or those of several uses along the tokens. */
export const joinFactors = defineProgram('join factors', {
  inputs: ({ parts, size }: JoinSettings) => ({ parts: parts.map((f) => factorSpecs(f, size)) }),
  build: ({ parts }, { axis }) => {
    const outputs = parts[0]?.b.length ?? 0;
    return {
      a: joined(
        parts.map(({ a }) => a),
        axis,
      ),
      b: Array.from({ length: outputs }, (_, c) =>
        joined(
          parts.map(({ b }) => b[c]!),
          axis,
        ),
      ),
    };
  },
});

/** Joins vector gradients of several batches: `v` `[C, Σ n, P]`. */
export const joinVectors = defineProgram('join vectors', {
  inputs: ({ shapes }: { readonly shapes: readonly (readonly number[])[] }) => ({ parts: shapes.map(float) }),
  build: ({ parts }) => ({ v: joined(parts, 1) }),
});

/** Sum of gradients: vectors that several stages use. */
export const addVectors = defineProgram('sum', {
  inputs: ({ shape }: { readonly shape: readonly number[] }) => ({ x: float(shape), y: float(shape) }),
  build: ({ x, y }) => ({ v: x.add(y) }),
});

interface TakeSettings {
  /** `[C, n, P]`. */
  readonly shape: readonly number[];
  /** `[start, size]`. */
  readonly ranges: readonly (readonly [number, number])[];
}

/** Ranges of the last axis, side by side. */
export const takeRanges = defineProgram('take ranges', {
  inputs: ({ shape }: TakeSettings) => ({ v: float(shape) }),
  build: ({ v }, { ranges }) => {
    const [outputs, n] = v.shape as [number, number];
    const parts = ranges.map(([start, size]) => tf.slice(v, [0, 0, start], [outputs, n, size]));
    return { v: joined(parts, 2) };
  },
});
