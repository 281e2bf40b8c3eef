import { type Program, type TensorSpec, tf } from '@ntk-lens/engine';
import { type FactorShape, factorSpecs, type SiteSize, total } from './gram-programs.js';

/**
 * Joins the factors of small batches, padded to `length` tokens with zeros: `a` `[Σ n, length, in]`,
 * `b` `[C, Σ n, length, out]`. Products of few gradients run far below the rate of larger ones.
 */
export const joinExamplesProgram = (
  batches: readonly FactorShape[],
  length: number,
  s: SiteSize,
): Program => ({
  name: `join examples ${s.inSize}x${s.outSize} ${length}`,
  inputs: Object.assign({}, ...batches.map((f, i) => factorSpecs(`${i}`, f, s))) as Record<
    string,
    TensorSpec
  >,
  build: (inputs) => {
    const pad = (f: FactorShape) => [0, length - f.length] as [number, number];
    const none: [number, number] = [0, 0];
    return {
      a: tf.concat(
        batches.map((f, i) => tf.pad(inputs[`a${i}`]!, [none, pad(f), none])),
        0,
      ),
      b: tf.concat(
        batches.map((f, i) => tf.pad(inputs[`b${i}`]!, [none, none, pad(f), none])),
        1,
      ),
    };
  },
});

/** Joins the factors of several uses of one parameter along the tokens: `a` `[n, Σ T', in]`, `b` `[C, n, Σ T', out]`. */
export const joinTokensProgram = (uses: readonly FactorShape[], s: SiteSize): Program => ({
  name: `join tokens ${s.inSize}x${s.outSize}`,
  inputs: Object.assign({}, ...uses.map((f, i) => factorSpecs(`${i}`, f, s))) as Record<string, TensorSpec>,
  build: (inputs) => ({
    a: tf.concat(
      uses.map((_, i) => inputs[`a${i}`]!),
      1,
    ),
    b: tf.concat(
      uses.map((_, i) => inputs[`b${i}`]!),
      2,
    ),
  }),
});

/** Sum of equally shaped gradients: a vector parameter that several stages use. */
export const sumProgram = (count: number, shape: readonly number[]): Program => ({
  name: `sum ${count}`,
  inputs: Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`v${i}`, { dtype: 'float32', shape }] as const),
  ),
  build: (inputs) => ({ v: total(Object.values(inputs)) }),
});

/** Ranges `[start, size]` of the last axis of `v` `[C, n, P]`, side by side. */
export const takeRangesProgram = (
  shape: readonly number[],
  ranges: readonly (readonly [number, number])[],
): Program => ({
  name: `take ranges ${ranges.join(' ')}`,
  inputs: { v: { dtype: 'float32', shape } },
  build: ({ v }) => {
    const [outputs, n] = shape as [number, number];
    const parts = ranges.map(([start, size]) => tf.slice(v!, [0, 0, start], [outputs, n, size]));
    return { v: parts.length === 1 ? parts[0]! : tf.concat(parts, 2) };
  },
});
