import { type Program, type Resident, type TensorSpec, tf } from '@ntk-lens/engine';
import { type FactorShape, factorSpecs, factorsOf, type SiteSize, total } from './gram-programs.js';

/**
 * Joins the factors of small batches, padded to `length` tokens with zeros: `a` `[Σ n, length, in]` and, for each output,
 * `b<c>` `[Σ n, length, out]`. Products of few gradients run far below the rate of larger ones.
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
    const padded = (x: tf.Tensor) =>
      tf.pad(x, [
        [0, 0],
        [0, length - x.shape[1]!],
        [0, 0],
      ]);
    return joined(
      batches.map((f, i) => factorsOf(inputs, `${i}`, f)),
      (parts) => tf.concat(parts.map(padded), 0),
    );
  },
});

/** Outputs `a` and `b<c>` of factors, each joined from all. */
const joined = (
  factors: readonly { readonly a: tf.Tensor; readonly b: readonly tf.Tensor[] }[],
  join: (parts: readonly tf.Tensor[]) => tf.Tensor,
): Record<string, tf.Tensor> => ({
  a: join(factors.map(({ a }) => a)),
  ...Object.fromEntries(factors[0]!.b.map((_, c) => [`b${c}`, join(factors.map(({ b }) => b[c]!))] as const)),
});

/** The factors that a program of this file gave, for so many outputs. */
export const joinedFactors = (
  made: Readonly<Record<string, Resident>>,
  outputs: number,
): { readonly a: Resident; readonly b: readonly Resident[] } => ({
  a: made['a']!,
  b: Array.from({ length: outputs }, (_, c) => made[`b${c}`]!),
});

/** Joins the factors of several uses of one parameter along the tokens: `a` `[n, Σ T', in]`, `b<c>` `[n, Σ T', out]`. */
export const joinTokensProgram = (uses: readonly FactorShape[], s: SiteSize): Program => ({
  name: `join tokens ${s.inSize}x${s.outSize}`,
  inputs: Object.assign({}, ...uses.map((f, i) => factorSpecs(`${i}`, f, s))) as Record<string, TensorSpec>,
  build: (inputs) =>
    joined(
      uses.map((f, i) => factorsOf(inputs, `${i}`, f)),
      (parts) => tf.concat([...parts], 1),
    ),
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
