import { identityMap } from '../formulas/gradient-map.js';
import type { CheckSubject } from './check-padding.js';
import { type CheckResult, judge, relativeDistance } from './check-result.js';
import { type Direction, dot, dots, mapped, randomDirection } from './direction.js';
import { type DerivativeEstimate, directionalDerivative } from './finite-difference.js';

// Steps at which float32 leaves three digits of a difference; a wrong gradient is off by much more.
const THRESHOLD = 1e-2;
const RANDOM_DIRECTIONS = 2;
// Relative size of the largest random move of every weight.
const RANDOM_STEP = 1 / 16;
// Change of the logit by which the largest step along a gradient moves it, to first order.
const GRADIENT_STEP = 1 / 4;

/**
 * Finite differences of the logits along random directions v, against ⟨∇f, v⟩. For formulas that leave
 * queries as they are, also along the mapped ∇f(ξ') of one example, against its row of that kernel, ⟨∇f(ξ),
 * train(∇f(ξ'))⟩.
 */
export const checkDerivatives = async (subject: CheckSubject): Promise<CheckResult[]> => {
  const { probe, examples, outputs, kernels, seed } = subject;
  const length = Math.max(...examples.map(({ inputIds }) => inputIds.length));
  const alongLine = (direction: Direction, largest: number): Promise<DerivativeEstimate> =>
    directionalDerivative((step) => probe.logits(examples, length, { direction, step }), largest);
  const gradient = await probe.gradient(examples[0]!, 0, length);
  const checks: CheckResult[] = [];

  for (let i = 0; i < RANDOM_DIRECTIONS; i++) {
    const { direction, scales } = await randomDirection(
      probe.scope,
      probe.stages,
      (stage) => probe.weightsOf(stage),
      seed + i,
    );
    const { value, step } = await alongLine(direction, RANDOM_STEP);
    // ⟨∇f, v⟩ may be small by chance; its standard deviation over directions v is not.
    let variance = 0;
    for (const [use, square] of await dots(probe.scope, gradient, gradient))
      variance += square * scales.get(use)! ** 2;
    const difference = Math.abs(value[0]! - (await dot(probe.scope, gradient, direction)));
    checks.push(
      judge(
        {
          name: `finite differences: random direction ${i + 1}`,
          compares: '⟨∇f, v⟩ for random v, from gradient factors and from differences of f',
          threshold: THRESHOLD,
          detail: `relative to the standard deviation of ⟨∇f, v⟩ over v; relative step ${step}`,
        },
        difference === 0 ? 0 : difference / Math.sqrt(variance),
      ),
    );
    probe.scope.release(direction.values());
  }

  const row = examples.length * outputs;
  for (const { formula, kernels: own } of kernels) {
    if (formula.query !== identityMap) continue;
    const { name, train } = formula;
    const direction = await mapped(probe.scope, gradient, train);
    const expected = own.train.kernel.data.subarray(0, row);
    const { value, step } = await alongLine(direction, GRADIENT_STEP / Math.abs(expected[0]!));
    checks.push(
      judge(
        {
          name: `finite differences: ${name} kernel`,
          compares: `a row of the ${name} kernel and differences of f along ${train.symbol} of that example`,
          threshold: THRESHOLD,
          detail: `relative distance of the ${row} entries; step ${step}`,
        },
        relativeDistance(value, expected),
      ),
    );
    probe.scope.release(direction.values());
  }
  probe.scope.release(gradient.values());
  return checks;
};
