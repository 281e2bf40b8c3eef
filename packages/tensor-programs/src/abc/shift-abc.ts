import { type AbcAssignment, type ExponentList, exponent } from './abc-assignment.js';
import { updateRule } from './abc-optimizers.js';

/**
 * Another assignment of the same training. Factors of n^θ move from the multiplier into the parameters: a +
 * θ, b − θ, and c − 2θ for SGD or c − θ for entrywise optimizers. After any number of steps f is the same
 * function, in exact arithmetic (Yang & Hu 2021, §3; for Adam it needs an ε of 0, or one that moves along).
 *
 * @param theta one θ, or one for each layer
 * @example
 * ```ts
 * // Mean-field parametrization becomes μP of one hidden layer.
 * shiftAbc(namedParametrization('mean-field', { optimizer: 'sgd', hiddenLayers: 1 }), '-1/2');
 * ```
 * @throws BadArgumentError for what is not a number
 */
export const shiftAbc = (assignment: AbcAssignment, theta: ExponentList): AbcAssignment => {
  const { gradientPower: p } = updateRule(assignment.optimizer);
  const layers = assignment.layers.map(({ a, b, c }, l) => {
    const value = Array.isArray(theta) ? (theta[l] ?? 0) : theta;
    const by = exponent('theta', value as Exclude<ExponentList, readonly unknown[]>);
    return { a: a.add(by), b: b.sub(by), c: c.sub(by.mul(1 + p)) };
  });
  return { ...assignment, layers };
};
