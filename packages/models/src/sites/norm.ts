import { standardize } from './differentiated.js';
import { type ParameterRef, usedSize } from './parameter-ref.js';
import { required, type SiteKind } from './site-kind.js';

/** y = scale ∘ a (+ shift): ∂scale = Σ_t b_t ∘ a_t, ∂shift = Σ_t b_t. */
export interface NormSite {
  readonly kind: 'norm';
  readonly name: string;
  readonly scale: ParameterRef;
  readonly shift?: ParameterRef;
  /** a is the input, standardized over the last axis with this ε (LayerNorm); without one a is the input itself. */
  readonly eps?: number;
}

/**
 * A LayerNorm site, whose scale and shift `[size]` have checkpoint names below `module`.
 *
 * @example
 * ```ts
 * normSite('norm', 'encoder.layer.0.output.LayerNorm', 768, 1e-12);
 * ```
 */
export const normSite = (name: string, module: string, size: number, eps: number): NormSite => ({
  kind: 'norm',
  name,
  scale: { name: `${module}.weight`, shape: [size] },
  shift: { name: `${module}.bias`, shape: [size] },
  eps,
});

export const norm: SiteKind<NormSite> = {
  parameters: ({ scale, shift }) => [
    { role: 'scale', ref: scale },
    ...(shift ? [{ role: 'shift', ref: shift } as const] : []),
  ],
  fanIn: () => 1,
  outSize: ({ scale }) => usedSize(scale),
  apply: ({ name, eps }, { context, weight }, x) => {
    const activation = eps === undefined ? x : standardize(x, eps);
    const scaled = activation.mul(required(weight('scale'), name));
    const shift = weight('shift');
    return context.site(name, activation, shift ? scaled.add(shift) : scaled);
  },
};
