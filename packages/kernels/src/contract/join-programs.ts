import { defineProgram, tf } from '@ntk-lens/engine';
import { type FactorShape, factorSpecs, float, type MatrixSize } from './matrix-shapes.js';
import { joined } from './total.js';

interface JoinSettings {
  readonly uses: readonly FactorShape[];
  readonly size: MatrixSize;
}

/** Joins the factors of several uses of one parameter along the tokens: `a` `[n, Σ T', in]`, `b` `[n, Σ T', out]`. */
export const joinTokens = defineProgram('join tokens', {
  inputs: ({ uses, size }: JoinSettings) => ({ uses: uses.map((f) => factorSpecs(f, size)) }),
  build: ({ uses }) => {
    const outputs = uses[0]?.b.length ?? 0;
    return {
      a: joined(
        uses.map(({ a }) => a),
        1,
      ),
      b: Array.from({ length: outputs }, (_, c) =>
        joined(
          uses.map(({ b }) => b[c]!),
          1,
        ),
      ),
    };
  },
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
