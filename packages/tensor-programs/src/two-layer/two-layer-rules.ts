import { BadArgumentError } from '@ntk-lens/core';

/** η as a power of width. */
interface TwoLayerRateRule {
  /** As it is printed. */
  readonly title: string;
  /** η at width n. */
  readonly at: (width: number) => number;
}

/** Learning rates by name. */
export const twoLayerRates = {
  '1': { title: '1', at: () => 1 },
  'n^(-1/2)': { title: 'n^(−1/2)', at: (width) => width ** -0.5 },
} as const satisfies Readonly<Record<string, TwoLayerRateRule>>;

/** The name of a learning rate η(n). */
export type TwoLayerRate = keyof typeof twoLayerRates;

/** An optimizer of the two-layer network. */
interface TwoLayerRule {
  /** As it is printed. */
  readonly title: string;
  /** The step of a parameter is −η times this; `gradient` is ∂f of the parameter, and χ is ∂ℓ/∂f. */
  readonly direction: (gradient: number, chi: number) => number;
  /**
   * The learning rates that the table has for this rule. `exponent` is the derived exponent of width of the relative
   * linearization error at χ = n^(−1/2): −1, or 0 where the error does not fall (docs/theory.md, *Two layers*).
   */
  readonly laws: readonly { readonly rate: TwoLayerRate; readonly exponent: -1 | 0 }[];
}

/** Rules by name, in the order of the table. */
export const twoLayerRules = {
  sgd: {
    title: 'SGD',
    direction: (gradient, chi) => chi * gradient,
    laws: [{ rate: '1', exponent: -1 }],
  },
  signgd: {
    title: 'SignGD',
    direction: (gradient, chi) => Math.sign(chi * gradient),
    laws: [
      { rate: '1', exponent: 0 },
      { rate: 'n^(-1/2)', exponent: -1 },
    ],
  },
} as const satisfies Readonly<Record<string, TwoLayerRule>>;

/** The name of a rule. */
export type TwoLayerRuleName = keyof typeof twoLayerRules;

/**
 * The rule of a name.
 *
 * @throws BadArgumentError for an unknown name; it lists the known ones
 */
export const twoLayerRule = (name: TwoLayerRuleName): TwoLayerRule => {
  if (!Object.hasOwn(twoLayerRules, name))
    throw new BadArgumentError('rule', name, Object.keys(twoLayerRules).join(' or '));
  return twoLayerRules[name];
};
