import { type Program, type Resident, type TensorSpec, tf } from '@ntk-lens/engine';
import { type FactorShape, factorSpecs, factorsOf, type SiteSize, total } from './gram-programs.js';

/** The factors that {@link joinTokensProgram} gave, for so many outputs. */
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
  build: (inputs) => {
    const factors = uses.map((f, i) => factorsOf(inputs, `${i}`, f));
    const cotangents = factors[0]!.b.map((_, c) =>
      tf.concat(
        factors.map(({ b }) => b[c]!),
        1,
      ),
    );
    return {
      a: tf.concat(
        factors.map(({ a }) => a),
        1,
      ),
      ...Object.fromEntries(cotangents.map((b, c) => [`b${c}`, b] as const)),
    };
  },
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
