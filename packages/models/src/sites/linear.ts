import { tf } from '@ntk-lens/engine';
import { type ParameterRef, usedShape } from './parameter-ref.js';
import { required, type SiteKind } from './site-kind.js';

/** y = W a (+ bias) at every token: ∂W = Σ_t b_t a_tᵀ, ∂bias = Σ_t b_t, with a the input and b the output's cotangent. */
export interface LinearSite {
  readonly kind: 'linear';
  readonly name: string;
  readonly weight: ParameterRef;
  readonly bias?: ParameterRef;
  /** Weights are stored `[in, out]` (GPT-2) instead of `[out, in]`. */
  readonly inFirst?: boolean;
  /** The bias has a gradient of exactly zero: softmax ignores the shift of an attention key. */
  readonly zeroBias?: boolean;
}

/** @internal Inputs and outputs of a linear site: of the part of the weight that it uses. */
export const linearSizes = ({
  weight,
  inFirst,
}: Pick<LinearSite, 'weight' | 'inFirst'>): { readonly inSize: number; readonly outSize: number } => {
  const [first, second] = usedShape(weight) as [number, number];
  return inFirst ? { inSize: first, outSize: second } : { inSize: second, outSize: first };
};

/** @internal A linear site under checkpoint name `module`, weight `[out, in]`. */
export const linearSite = (
  name: string,
  module: string,
  inSize: number,
  outSize: number,
  options: { readonly zeroBias?: boolean } = {},
): LinearSite => ({
  kind: 'linear',
  name,
  weight: { name: `${module}.weight`, shape: [outSize, inSize] },
  bias: { name: `${module}.bias`, shape: [outSize] },
  ...options,
});

/** @internal The linear sites among some. */
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
    const matrix = required(weight('weight'), name) as tf.Tensor2D;
    const product = tf.matMul(x.reshape([n * length, width]), matrix, false, !inFirst);
    const bias = weight('bias');
    const y = bias ? product.add(bias) : product;
    return context.site(name, x, y.reshape([n, length, y.shape[1]!]));
  },
};
