import { type KernelSplit, type NDArray, ndarray } from '@ntk-lens/core';
import type { KernelSolver } from '../definition/kernel-solver.js';
import { penaltyC, ridge, tolerance } from '../definition/options.js';
import { defineSolver, type Problem } from '../definition/solver-definition.js';
import { exampleKernel } from '../kernel/example-kernel.js';
import { multiplyTransposed } from '../linalg/products.js';
import { solveSmo } from '../optimize/smo.js';
import type { SupportVectorOptions } from './svr.js';

export type SvcOptions = SupportVectorOptions;

interface Machine {
  readonly coefficients: Float64Array;
  readonly rho: number;
}

export interface SvcSolution {
  /** Labels that were trained, ascending. */
  readonly classes: Float64Array;
  /** One per pair of classes, in the order of `pairsOf`; its decision is positive for the first. */
  readonly machines: readonly Machine[];
}

/** (0,1), (0,2), …, (1,2), … */
const pairsOf = (classes: ArrayLike<number>): (readonly [number, number])[] => {
  const all = Array.from(classes);
  return all.flatMap((first, at) => all.slice(at + 1).map((second) => [first, second] as const));
};

const trainPair = async (
  { split, settings, pause }: Problem<SvcOptions>,
  kernel: Float64Array,
  [first, second]: readonly [number, number],
): Promise<Machine> => {
  const labels = split.labels.data;
  const examples = labels.length;
  const all = Array.from(labels.keys());
  const members = [...all.filter((i) => labels[i] === first), ...all.filter((i) => labels[i] === second)];
  const size = members.length;
  const y = Int8Array.from(members, (i) => (labels[i] === first ? 1 : -1));
  const { alpha, rho } = await solveSmo(
    {
      ...settings,
      size,
      y,
      p: new Float64Array(size).fill(-1),
      diagonal: Float64Array.from(members, (i) => kernel[i * (examples + 1)]!),
      fillRow: (i, out) => {
        const row = members[i]! * examples;
        for (let j = 0; j < size; j++) out[j] = Math.fround(y[i]! * y[j]! * kernel[row + members[j]!]!);
      },
    },
    pause,
  );
  const coefficients = new Float64Array(examples);
  for (const [k, i] of members.entries()) coefficients[i] = y[k]! * alpha[k]!;
  return { coefficients, rho };
};

/** Decisions per pair, and votes with summed confidences `[query, labels]`. */
const count = ({ classes, machines }: SvcSolution, split: KernelSplit, labels: number) => {
  const kernel = exampleKernel(split);
  const queries = split.kernel.shape[2]!;
  const decisions = machines.map(({ coefficients, rho }) =>
    multiplyTransposed(kernel, coefficients.length, queries, coefficients).map((value) => value - rho),
  );
  const votes = new Float64Array(queries * labels);
  const confidences = new Float64Array(queries * labels);
  for (const [machine, [first, second]] of pairsOf(classes).entries()) {
    for (const [q, value] of decisions[machine]!.entries()) {
      votes[q * labels + (value > 0 ? first : second)]! += 1;
      confidences[q * labels + first]! += value;
      confidences[q * labels + second]! -= value;
    }
  }
  return { decisions, votes, confidences };
};

/**
 * Support-vector classification, one machine per pair of classes, with libsvm's defaults. Several logits are
 * summed to one kernel per pair of examples. A prediction is the class with most votes, the lower label on a tie.
 *
 * @example
 * ```ts
 * const votes = (await createSolver({ solver: 'svc' }).fit(train)).predict(test);
 * ```
 */
export const svc = defineSolver({
  name: 'svc',
  title: 'hinge loss, one-vs-one',
  purpose: 'for parity with the reference, where decisions are enough',
  fits: 'labels',
  kernels: 'symmetric',
  auto: true,
  complexity: 5,
  options: { ridge, penaltyC, tolerance },
  solve: async (problem: Problem<SvcOptions>): Promise<SvcSolution> => {
    const { split, shape, shift } = problem;
    const kernel = Float64Array.from(exampleKernel(split));
    for (let i = 0; i < shape.examples; i++) kernel[i * (shape.examples + 1)]! += shift * shape.logits;
    const classes = Array.from(new Set(split.labels.data)).sort((a, b) => a - b);
    const machines: Machine[] = [];
    for (const pair of pairsOf(classes)) machines.push(await trainPair(problem, kernel, pair));
    return { classes: Float64Array.from(classes), machines };
  },
  decide: (solution, split, { logits }) =>
    logits === 1
      ? count(solution, split, 2).decisions[0]!.map((value) => (value > 0 ? -1 : 1))
      : count(solution, split, logits).votes,
  solution: ({ examples }) => ({
    classes: 'numbers',
    machines: [{ coefficients: examples, rho: 'number' }],
  }),
});

/**
 * Decision values as scikit-learn's `decision_function`: `[query, 1]`, positive for the higher label, when two
 * classes were trained; else `[query, labels]`, votes plus confidences squeezed to below ⅓.
 *
 * @param solver a fitted {@link svc}
 * @throws NotFittedError, MismatchedSplitError
 * @example
 * ```ts
 * const decisions = svcDecisions(await createSolver({ solver: 'svc' }).fit(train), test);
 * ```
 */
export const svcDecisions = (
  solver: KernelSolver<SvcOptions, SvcSolution>,
  split: KernelSplit,
): NDArray<'float64'> => {
  const labels = Math.max(2, solver.checkQueries(split).logits);
  const queries = split.kernel.shape[2]!;
  const { decisions, votes, confidences } = count(solver.solution, split, labels);
  if (solver.solution.classes.length === 2) {
    return ndarray<'float64'>(
      decisions[0]!.map((value) => -value),
      [queries, 1],
    );
  }
  const values = votes.map((vote, i) => vote + confidences[i]! / (3 * (Math.abs(confidences[i]!) + 1)));
  return ndarray<'float64'>(values, [queries, labels]);
};
