/** Parametrizations of width, by how initial weights and learning rates go with it. */
export const parametrizationNames = ['standard', 'ntk', 'mean-field', 'mup'] as const;
export type ParametrizationName = (typeof parametrizationNames)[number];

/**
 * The role of a parameter as width grows, by which of its sides grow (Yang & Hu 2021; Yang et al. 2022):
 * - `input`: its outputs alone — embeddings, biases, LayerNorm;
 * - `hidden`: both sides;
 * - `output`: its inputs alone — the decoder;
 * - `fixed`: neither — the decoder's bias.
 */
export const widthRoles = ['input', 'hidden', 'output', 'fixed'] as const;
export type WidthRole = (typeof widthRoles)[number];

/** Scaling of an optimizer's steps with the gradient. */
export interface StepScaling {
  /** p of a step that is proportional to |g|ᵖ: 1 for SGD, 0 where every entry is normalised (Adam, SignGD). */
  readonly gradientPower: 0 | 1;
}

/**
 * Kinds of step, each named after the best-known optimizer that takes it: `adam` stands for all whose entries do not
 * depend on the size of the gradient.
 *
 * @example
 * ```ts
 * stepKinds.sgd.gradientPower; // 1
 * ```
 */
export const stepKinds = {
  sgd: { gradientPower: 1 },
  adam: { gradientPower: 0 },
} as const satisfies Readonly<Record<string, StepScaling>>;
export type StepKind = keyof typeof stepKinds;

/** Exponents of m = width / base width: those of the learning rate are given for each kind of step. */
export interface WidthExponents extends Readonly<Record<StepKind, number>> {
  /** Exponent of the standard deviation of initial weights. */
  readonly std: number;
}

const exponents = (std: number, sgd: number, adam: number): WidthExponents => ({ std, sgd, adam });
const fixed = exponents(0, 0, 0);

/**
 * The table, with every multiplier folded into weights and learning rates. A multiplier nᵃ can be moved into
 * the initial weights (× nᵃ) and the learning rate (× n²ᵃ for SGD, × nᵃ for Adam with ε → 0: {@link
 * learningRateFactor}). Then f is the same function of the same training (Yang & Hu 2021, §3.1). So a model
 * of any parametrization is an ordinary checkpoint.
 *
 * `mup` is Table 3 of Yang et al. 2022. `ntk` keeps hidden layers from moving as n → ∞ while logits move by
 * Θ(1), for both kinds of step. `mean-field` (f = n⁻¹ Σ vᵢ φ(wᵢ·x)) is defined for one hidden layer, where it
 * equals `mup`.
 */
const table: Readonly<Record<ParametrizationName, Readonly<Partial<Record<WidthRole, WidthExponents>>>>> = {
  standard: { input: fixed, hidden: exponents(-0.5, 0, 0), output: exponents(-0.5, 0, 0), fixed },
  ntk: {
    input: exponents(0, 0, -0.5),
    hidden: exponents(-0.5, -1, -1.5),
    output: exponents(-0.5, -1, -1),
    fixed,
  },
  'mean-field': { input: exponents(0, 1, 0), output: exponents(-1, -1, -1), fixed },
  mup: { input: exponents(0, 1, 0), hidden: exponents(-0.5, 0, -1), output: exponents(-1, -1, -1), fixed },
};

/**
 * Exponents of width of a role's initial weights and learning rates.
 *
 * @example
 * ```ts
 * widthExponents('mup', 'output'); // { std: -1, sgd: -1, adam: -1 }
 * ```
 * @returns undefined for hidden matrices in the mean-field parametrization, which has none
 */
export const widthExponents = (name: ParametrizationName, role: WidthRole): WidthExponents | undefined =>
  table[name][role];

/**
 * Factor on the learning rate of each kind of step where a multiplier is folded into weights: multiplierᵖ⁺¹, p being the
 * power of the gradient. The weights grow by one multiplier, and the gradient that reaches them shrinks by another.
 *
 * @example
 * ```ts
 * learningRateFactor('sgd', 3); // 9
 * ```
 */
export const learningRateFactor = (step: StepKind, multiplier: number): number =>
  multiplier ** (1 + stepKinds[step].gradientPower);

/**
 * Exponent of the multiplier on attention scores, in addition to 1/√(base head size). It is −1 in `mup` (1/d
 * instead of 1/√d, since queries and keys come to be correlated), and −½ elsewhere, as the head size grows
 * with width.
 */
export const attentionExponent = (name: ParametrizationName): number => (name === 'mup' ? -1 : -0.5);
