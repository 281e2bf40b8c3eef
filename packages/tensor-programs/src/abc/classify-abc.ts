import { Fraction } from 'fraction.js';
import { type AbcAssignment, type ExponentInput, exponent } from './abc-assignment.js';
import { least, updateExponents } from './update-exponents.js';

/** The regime of training as width grows without bound. */
export type AbcRegime = 'unstable' | 'trivial' | 'kernel' | 'feature learning';

/** Exponents of one weight matrix; a quantity with exponent e has entries of size n^(−e). */
export interface AbcLayerClass {
  /** Matrix l of L + 1, from 1. */
  readonly layer: number;
  /**
   * Exponent of the entries of ∂f/∂w_l: Adam's ε changes nothing only while it is smaller than χ times this.
   */
  readonly gradient: Fraction;
  /** Exponent of the change of h_l that the update of W_l alone makes; for the output matrix, that of f. */
  readonly ownChange: Fraction;
  /**
   * Exponent of the change of h_l by the updates of all matrices up to l; for the output matrix, that of f.
   */
  readonly change: Fraction;
  /** The features after this matrix move by their own order. It is false for the output matrix. */
  readonly learnsFeatures: boolean;
}

/** The consequences of an assignment's exponents; sizes are n^(−e). */
export interface AbcClassification {
  /** Activations and logits neither vanish nor blow up where they must not. */
  readonly stable: boolean;
  /** The reasons for which it is not; empty if it is stable. */
  readonly violations: readonly string[];
  /** Training moves the output by the order of χ at least. */
  readonly nontrivial: boolean;
  readonly regime: AbcRegime;
  /** The last features change by n^(−r): r = 0 learns features, r > 0 is a kernel regime, r < 0 blows up. */
  readonly r: Fraction;
  /** f at initialization has size n^(−e) with this e. */
  readonly initialLogits: Fraction;
  /** The limit of f at initialization: 0, a Gaussian process, or none. */
  readonly initialFunction: 'zero' | 'Gaussian process' | 'infinite';
  readonly layers: readonly AbcLayerClass[];
}

export interface ClassifyAbcOptions {
  /**
   * d where χ = ∂ℓ/∂f has size n^(−d). 0, the default, is training from scratch; d > 0 is fine-tuning on a natural
   * task (docs/theory.md, Natural tasks) from weights of the sizes that the parametrization gives them.
   */
  readonly lossDerivative?: ExponentInput;
}

/**
 * Classifies an (a, b, c) assignment from its exponents alone, by the criteria of Yang & Hu (2021) for SGD
 * and their counterparts for optimizers that normalize every entry (Adam, SignGD; Yang & Littwin 2023). The
 * network is a multilayer perceptron h_1 = W_1 ξ, x_l = φ(h_l), h_{l+1} = W_{l+1} x_l, f = W_{L+1} x_L.
 *
 * The exponents follow from these rules, sizes being n^(−e):
 * - *Start.* A sum of n independent terms grows as √n, so h_l is of order 1 when a_1 + b_1 = 0 and a_l + b_l
 *   = 1/2
 *   after it, and f has e = a + b − 1/2 with the exponents of the output matrix, which must not be below 0.
 * - *Backward.* ∂f/∂x_L is the output matrix: its initial entries or its updates, whichever is larger; e = g
 *   =
 *   min(a + b, u), u being the exponent of its updates. Transposed hidden matrices keep this size. So ∂f/∂h_l has
 *   e = g, and the gradient ∂f/∂w_l = n^(−a_l) ∂f/∂h_l x_{l−1}ᵀ has e = a_l + g (a_{L+1} for the output matrix).
 * - *Update of W_l.* n^(−a_l − c_l) times what the optimizer makes of the gradient: SGD multiplies it with χ,
 *   which
 *   gives e = 2 a_l + c_l + d + g (for the output matrix u = 2 a + c + d); entrywise rules make it 1: e = a_l + c_l.
 * - *Change of h_l by it.* The rows of the update are aligned with x_{l−1}: n terms of one sign, e less 1.
 *   The first matrix
 *   has finitely many inputs: e stays. A change from below passes through hidden matrices at its size, so the change of h_l is
 *   the largest of those up to l, and r is that of h_L.
 * - *Change of f.* Through the update of the output matrix e = u − 1; through the features, whose change is
 *   aligned with
 *   the output matrix, e = a + b + r − 1.
 *
 * Stable: the start is, r ≥ 0, and f does not blow up. Non-trivial: f changes by the order of χ at least,
 * which for d = 0 is order 1. A stable and non-trivial assignment either learns features (r = 0) or is a
 * kernel regime (r > 0).
 *
 * @example
 * ```ts
 * const { regime, r } = classifyAbc(namedParametrization('ntk', { optimizer: 'sgd', hiddenLayers: 3 }));
 * regime; // 'kernel'
 * r.toFraction(); // '1/2'
 * ```
 * @throws BadArgumentError if `lossDerivative` is not a number
 */
export const classifyAbc = (
  assignment: AbcAssignment,
  options: ClassifyAbcOptions = {},
): AbcClassification => {
  const d = exponent('lossDerivative', options.lossDerivative ?? 0);
  const { start, output, backward, changes: ownChanges } = updateExponents(assignment, d);
  const changes = ownChanges.map((own, l) => least(own, ...ownChanges.slice(0, l)));
  const r = changes.at(-1)!;
  const byOutput = output.sub(1);
  const byFeatures = start.add(r).sub(1);
  const initialLogits = start.sub(half);

  const violations = [
    ...assignment.layers.slice(0, -1).flatMap(({ a, b }, l) => startViolations(l, a.add(b))),
    ...blowUp('logits at initialization', initialLogits),
    ...blowUp('features in training', r),
    ...blowUp('logits by updates of the output matrix', byOutput),
    ...blowUp('logits by the change of features', byFeatures),
  ];
  const stable = violations.length === 0;
  const change = least(byOutput, byFeatures);
  const nontrivial = change.lte(d);

  return {
    stable,
    violations,
    nontrivial,
    regime: !stable ? 'unstable' : !nontrivial ? 'trivial' : r.equals(0) ? 'feature learning' : 'kernel',
    r,
    initialLogits,
    initialFunction: initialLogits.gt(0) ? 'zero' : initialLogits.lt(0) ? 'infinite' : 'Gaussian process',
    layers: assignment.layers.map(({ a }, l) => {
      const inner = l < changes.length;
      return {
        layer: l + 1,
        gradient: inner ? a.add(backward) : a,
        ownChange: inner ? ownChanges[l]! : byOutput,
        change: inner ? changes[l]! : change,
        learnsFeatures: inner && stable && changes[l]!.equals(0),
      };
    }),
  };
};

const half = new Fraction(1, 2);

const blowUp = (what: string, e: Fraction): string[] =>
  e.lt(0) ? [`${what} blow up as n^(${e.neg().toFraction()})`] : [];

const startViolations = (l: number, sum: Fraction): string[] => {
  const wanted = l === 0 ? new Fraction(0) : half;
  if (sum.equals(wanted)) return [];
  const what = sum.gt(wanted) ? 'vanish' : 'blow up';
  return [
    `activations after matrix ${l + 1} ${what} at initialization: a + b is ${sum.toFraction()}, not ${wanted.toFraction()}`,
  ];
};
