import { standardize, unitRms } from './differentiated.js';
import { type ParameterRef, usedSize } from './parameter-ref.js';
import { required, type SiteKind } from './site-kind.js';

/** y = (offset + scale) ∘ a (+ shift): ∂scale = Σ_t b_t ∘ a_t, ∂shift = Σ_t b_t. */
export interface NormSite {
  readonly kind: 'norm';
  readonly name: string;
  readonly scale: ParameterRef;
  readonly shift?: ParameterRef;
  /** a is the input, standardized over the last axis with this ε (LayerNorm); without one a is the input itself. */
  readonly eps?: number;
  /** The mean is not subtracted: a is the input divided by its root mean square (RMSNorm). */
  readonly uncentred?: boolean;
  /** Added to the stored scale, 1 in Gemma. Default: 0. */
  readonly offset?: number;
}

/**
 * A LayerNorm site, whose scale and shift `[size]` have checkpoint names below `module`.
 *
 * @example
 * ```ts
 * normSite('norm', 'encoder.layer.0.output.LayerNorm', 768, 1e-12);
 * ```
 * @param options `bias: false` leaves the shift out
 */
export const normSite = (
  name: string,
  module: string,
  size: number,
  eps: number,
  { bias = true }: { readonly bias?: boolean } = {},
): NormSite => ({
  kind: 'norm',
  name,
  scale: { name: `${module}.weight`, shape: [size] },
  shift: bias ? { name: `${module}.bias`, shape: [size] } : undefined,
  eps,
});

/**
 * An RMSNorm site (Zhang & Sennrich 2019), whose scale `[size]` has its checkpoint name below `module`.
 *
 * @param offset added to the stored scale: 1 in Gemma
 * @example
 * ```ts
 * rmsNormSite('norm', 'model.layers.0.input_layernorm', 2048, 1e-6);
 * ```
 */
export const rmsNormSite = (
  name: string,
  module: string,
  size: number,
  eps: number,
  offset?: number,
): NormSite => ({
  kind: 'norm',
  name,
  scale: { name: `${module}.weight`, shape: [size] },
  eps,
  uncentred: true,
  offset,
});

export const norm: SiteKind<NormSite> = {
  parameters: ({ scale, shift, offset = 0 }) => [
    { role: 'scale', ref: scale, identity: 1 - offset },
    ...(shift ? [{ role: 'shift', ref: shift } as const] : []),
  ],
  fanIn: () => 1,
  outSize: ({ scale }) => usedSize(scale),
  apply: ({ name, eps, uncentred = false, offset = 0 }, { context, weight, shared }, x) => {
    const normalize = uncentred ? unitRms : standardize;
    // The derivative of two norms by one input is then that of one.
    const activation = eps === undefined ? x : shared(`${uncentred} ${eps}`, x, () => normalize(x, eps));
    const stored = required(weight('scale'), name);
    const scaled = activation.mul(offset === 0 ? stored : stored.add(offset));
    const shift = weight('shift');
    return context.site(name, activation, shift ? scaled.add(shift) : scaled);
  },
};
