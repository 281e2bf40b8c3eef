/** Nonlinearities whose Gaussian expectations have closed forms. */
export const analyticNonlinearities = ['erf', 'relu'] as const;
export type AnalyticNonlinearity = (typeof analyticNonlinearities)[number];

/** Covariance of (u, v) ~ N(0, Λ), Λ = [[uu, uv], [uv, vv]]. */
export interface Covariance {
  readonly uu: number;
  readonly uv: number;
  readonly vv: number;
}

/** Expectations of a nonlinearity φ over a pair of normal variables. */
export interface DualActivation {
  /** E φ(u) φ(v). */
  readonly value: (covariance: Covariance) => number;
  /** E φ′(u) φ′(v). */
  readonly derivative: (covariance: Covariance) => number;
}

/** Rounding takes a cosine past 1. */
const clamp = (x: number): number => Math.max(-1, Math.min(1, x));

/** The arc-sine kernel (Williams 1997). */
const erf: DualActivation = {
  value: ({ uu, uv, vv }) =>
    (2 / Math.PI) * Math.asin(clamp((2 * uv) / Math.sqrt((1 + 2 * uu) * (1 + 2 * vv)))),
  derivative: ({ uu, uv, vv }) => 4 / Math.PI / Math.sqrt((1 + 2 * uu) * (1 + 2 * vv) - 4 * uv * uv),
};

/** The arc-cosine kernels of order 1 and 0 (Cho & Saul 2009). */
const relu: DualActivation = {
  value: ({ uu, uv, vv }) => {
    const norm = Math.sqrt(uu * vv);
    if (norm === 0) return 0;
    const angle = Math.acos(clamp(uv / norm));
    return (norm / (2 * Math.PI)) * (Math.sin(angle) + (Math.PI - angle) * Math.cos(angle));
  },
  derivative: ({ uu, uv, vv }) => {
    const norm = Math.sqrt(uu * vv);
    // φ′(0) = 0, as in tfjs and PyTorch.
    return norm === 0 ? 0 : (Math.PI - Math.acos(clamp(uv / norm))) / (2 * Math.PI);
  },
};

/**
 * The kernel between two neurons of a wide random layer, for each nonlinearity, by the angle between their
 * inputs.
 */
export const dualActivations: Readonly<Record<AnalyticNonlinearity, DualActivation>> = { erf, relu };
