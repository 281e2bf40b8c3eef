import type { OptimizerName } from '@ntk-lens/subspace';

/** A way to step, the same for all models of a ladder. */
export interface LadderStep {
  /** For people: the optimizer, and how its learning rate goes with width. */
  readonly title: string;
  readonly optimizer: OptimizerName;
  /**
   * A learning rate to try the optimizer with. Any value will do, since the results are proportional to it.
   */
  readonly probe: number;
  /**
   * Learning rate of a model, before the parametrization's factors.
   *
   * @param rate rate of the narrowest models
   * @param m width, in widths of the narrowest
   */
  rateAt(rate: number, m: number): number;
  /** The theorem of prompted fine-tuning covers it: a step shrinks with χ, or the learning rate goes to 0. */
  readonly covered: boolean;
  /** Its errors are held against |χ| as well, model by model; the learning rate is one then. */
  readonly againstChi: boolean;
}

const constant = (rate: number): number => rate;

const sgd: LadderStep & { readonly optimizer: 'sgd' } = {
  title: 'SGD, η = Θ(1)',
  optimizer: 'sgd',
  probe: 1e-2,
  rateAt: constant,
  covered: true,
  againstChi: true,
};

const signGd: LadderStep & { readonly optimizer: 'signgd' } = {
  title: 'SignGD, η fixed',
  optimizer: 'signgd',
  probe: 1e-4,
  rateAt: constant,
  covered: false,
  againstChi: true,
};

/**
 * Ways to step, by name in files: SGD with a learning rate that width does not change, SignGD with one, and SignGD with
 * one that falls as width^(−½).
 *
 * @example
 * ```ts
 * ladderSteps['signgd-shrinking'].rateAt(1e-3, 4); // 5e-4
 * ```
 */
export const ladderSteps = {
  sgd,
  signgd: signGd,
  'signgd-shrinking': {
    ...signGd,
    title: 'SignGD, η ∝ width^(−1/2)',
    rateAt: (rate: number, m: number): number => rate / Math.sqrt(m),
    covered: true,
    againstChi: false,
  },
} as const satisfies Readonly<Record<string, LadderStep>>;

export type LadderStepKind = keyof typeof ladderSteps;

/** Optimizers of these steps. */
export type LadderOptimizer = (typeof ladderSteps)[LadderStepKind]['optimizer'];

/** Names of these steps. */
export const ladderStepKinds = Object.keys(ladderSteps) as readonly LadderStepKind[];
