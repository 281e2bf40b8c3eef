import { sizeOf } from '@ntk-lens/core';
import { tf } from '@ntk-lens/engine';
import { type ParameterRef, usedShape } from './parameter-ref.js';
import { required, type SiteKind } from './site-kind.js';

/** y = W a (+ bias) at every token: ∂W = Σ_t b_t a_tᵀ, ∂bias = Σ_t b_t, with a the input and b the output's cotangent. */
export interface LinearSite {
  readonly kind: 'linear';
  readonly name: string;
  /** Axes after the first count as one, as those of a convolution's `[out, in, kernel]`. */
  readonly weight: ParameterRef;
  readonly bias?: ParameterRef;
  /** Weights are stored `[in, out]` (GPT-2) instead of `[out, in]`. */
  readonly inFirst?: boolean;
  /** The bias has a gradient of exactly zero: softmax ignores the shift of an attention key. */
  readonly zeroBias?: boolean;
  /** Rows of the input for each token: 2 where it reads a row for each distance. Default: 1. */
  readonly rowsPerToken?: number;
}

/**
 * Inputs and outputs of a linear site, for the part of the weight that it uses.
 *
 * @example
 * ```ts
 * linearSizes(linearSite('up', 'encoder.layer.0.mlp.up', 768, 3072)); // { inSize: 768, outSize: 3072 }
 * ```
 */
export const linearSizes = ({
  weight,
  inFirst,
}: Pick<LinearSite, 'weight' | 'inFirst'>): { readonly inSize: number; readonly outSize: number } => {
  const [first, ...others] = usedShape(weight) as [number, ...number[]];
  const second = sizeOf(others);
  return inFirst ? { inSize: first, outSize: second } : { inSize: second, outSize: first };
};

/**
 * A linear site, y = W a + bias, whose weight `[out, in]` and bias have checkpoint names below `module`.
 *
 * @example
 * ```ts
 * linearSite('up', 'encoder.layer.0.mlp.up', 768, 3072).weight.name; // 'encoder.layer.0.mlp.up.weight'
 * ```
 * @param options `bias: false` leaves the bias out
 */
export const linearSite = (
  name: string,
  module: string,
  inSize: number,
  outSize: number,
  {
    bias = true,
    ...options
  }: { readonly bias?: boolean } & Pick<LinearSite, 'zeroBias' | 'rowsPerToken'> = {},
): LinearSite => ({
  kind: 'linear',
  name,
  weight: { name: `${module}.weight`, shape: [outSize, inSize] },
  bias: bias ? { name: `${module}.bias`, shape: [outSize] } : undefined,
  ...options,
});

/**
 * The linear sites among the sites of a stage.
 *
 * @example
 * ```ts
 * linearSites(stage.sites).map(({ name }) => name); // ['query', 'key', 'value', …]
 * ```
 */
export const linearSites = <S extends { readonly kind: string }>(
  sites: readonly S[],
): Extract<S, LinearSite>[] => sites.filter((site): site is Extract<S, LinearSite> => site.kind === 'linear');

export const linear: SiteKind<LinearSite> = {
  parameters: ({ weight, bias, inFirst = false, zeroBias = false }) => [
    { role: 'weight', ref: weight, inFirst },
    ...(bias ? [{ role: 'bias', ref: bias, zero: zeroBias } as const] : []),
  ],
  fanIn: (site) => linearSizes(site).inSize,
  outSize: (site) => linearSizes(site).outSize,
  apply: ({ name, inFirst = false }, { context, weight }, input) => {
    const x = context.input?.(name, input) ?? input;
    const [n, length, width] = x.shape as [number, number, number];
    // One flat product: batched ones against a shared right side are slower everywhere.
    const stored = required(weight('weight'), name);
    const matrix = stored.reshape([stored.shape[0]!, -1]) as tf.Tensor2D;
    const product = tf.matMul(x.reshape([n * length, width]), matrix, false, !inFirst);
    const bias = weight('bias');
    const y = bias ? product.add(bias) : product;
    return context.site(name, x, y.reshape([n, length, y.shape[1]!]));
  },
};
