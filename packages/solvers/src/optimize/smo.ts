import { ConvergenceError } from '../errors.js';
import type { Pause } from '../linalg/pause.js';

/** minimize ½ αᵀQα + pᵀα subject to yᵀα = 0 and 0 ≤ α ≤ C. */
export interface SmoProblem {
  readonly size: number;
  /** ±1. */
  readonly y: Int8Array;
  readonly p: Float64Array;
  readonly penaltyC: number;
  readonly tolerance: number;
  readonly diagonal: Float64Array;
  /** Writes row i of Q, rounded to float32 as libsvm keeps it; ties and hence the path then fall as there. */
  fillRow(i: number, out: Float64Array): void;
}

const tau = 1e-12;

/** The replacement of a curvature that is not positive. */
const curvature = (value: number): number => (value > 0 ? value : tau);

interface State extends SmoProblem {
  readonly alpha: Float64Array;
  readonly gradient: Float64Array;
  readonly rowI: Float64Array;
  readonly rowJ: Float64Array;
}

/** Second-order working set (Fan, Chen & Lin 2005): i the worst violator, j the largest decrease; −1 when optimal. */
const selectWorkingSet = (s: State): readonly [number, number] => {
  const { size, y, alpha, gradient, penaltyC, diagonal } = s;
  let highest = Number.NEGATIVE_INFINITY;
  let i = -1;
  for (let t = 0; t < size; t++) {
    const free = y[t] === 1 ? alpha[t]! < penaltyC : alpha[t]! > 0;
    const value = -y[t]! * gradient[t]!;
    if (free && value >= highest) {
      highest = value;
      i = t;
    }
  }
  if (i < 0) return [-1, -1];
  s.fillRow(i, s.rowI);
  let lowest = Number.NEGATIVE_INFINITY;
  let best = Number.POSITIVE_INFINITY;
  let j = -1;
  for (let t = 0; t < size; t++) {
    const free = y[t] === 1 ? alpha[t]! > 0 : alpha[t]! < penaltyC;
    if (!free) continue;
    const value = y[t]! * gradient[t]!;
    if (value >= lowest) lowest = value;
    const difference = highest + value;
    if (difference <= 0) continue;
    const curve = curvature(diagonal[i]! + diagonal[t]! - 2 * y[i]! * y[t]! * s.rowI[t]!);
    const decrease = -(difference * difference) / curve;
    if (decrease <= best) {
      best = decrease;
      j = t;
    }
  }
  return highest + lowest < s.tolerance || j < 0 ? [-1, -1] : [i, j];
};

/** Moves α_i and α_j to the minimum on their line, clipped to the box. */
const updatePair = (s: State, i: number, j: number): void => {
  const { y, alpha, gradient, penaltyC: c, diagonal } = s;
  const oldI = alpha[i]!;
  const oldJ = alpha[j]!;
  if (y[i] !== y[j]) {
    const delta = (-gradient[i]! - gradient[j]!) / curvature(diagonal[i]! + diagonal[j]! + 2 * s.rowI[j]!);
    const difference = oldI - oldJ;
    let a = oldI + delta;
    let b = oldJ + delta;
    if (difference > 0 && b < 0) [a, b] = [difference, 0];
    else if (difference <= 0 && a < 0) [a, b] = [0, -difference];
    if (difference > 0 && a > c) [a, b] = [c, c - difference];
    else if (difference <= 0 && b > c) [a, b] = [c + difference, c];
    alpha[i] = a;
    alpha[j] = b;
  } else {
    const delta = (gradient[i]! - gradient[j]!) / curvature(diagonal[i]! + diagonal[j]! - 2 * s.rowI[j]!);
    const sum = oldI + oldJ;
    let a = oldI - delta;
    let b = oldJ + delta;
    if (sum > c && a > c) [a, b] = [c, sum - c];
    else if (sum <= c && b < 0) [a, b] = [sum, 0];
    if (sum > c && b > c) [a, b] = [sum - c, c];
    else if (sum <= c && a < 0) [a, b] = [0, sum];
    alpha[i] = a;
    alpha[j] = b;
  }
  const deltaI = alpha[i]! - oldI;
  const deltaJ = alpha[j]! - oldJ;
  for (let t = 0; t < s.size; t++) gradient[t]! += s.rowI[t]! * deltaI + s.rowJ[t]! * deltaJ;
};

const threshold = ({ size, y, alpha, gradient, penaltyC }: State): number => {
  let upper = Number.POSITIVE_INFINITY;
  let lower = Number.NEGATIVE_INFINITY;
  let freeSum = 0;
  let free = 0;
  for (let t = 0; t < size; t++) {
    const value = y[t]! * gradient[t]!;
    const atUpper = alpha[t]! >= penaltyC;
    const atLower = alpha[t]! <= 0;
    if (!atUpper && !atLower) {
      free++;
      freeSum += value;
    } else if (atUpper === (y[t] === 1)) lower = Math.max(lower, value);
    else upper = Math.min(upper, value);
  }
  return free > 0 ? freeSum / free : (upper + lower) / 2;
};

/**
 * Sequential minimal optimization with libsvm's working-set selection, update and stopping rule (largest violation
 * below the tolerance), without its shrinking heuristic, which changes results by less than the tolerance.
 *
 * @returns α and the threshold ρ of the decision Σ α_i y_i K_i − ρ
 * @throws ConvergenceError after max(10⁷, 100 · size) steps, libsvm's limit
 */
export const solveSmo = async (
  problem: SmoProblem,
  pause: Pause,
): Promise<{ readonly alpha: Float64Array; readonly rho: number }> => {
  const { size } = problem;
  const state: State = {
    ...problem,
    fillRow: (i, out) => problem.fillRow(i, out),
    alpha: new Float64Array(size),
    gradient: Float64Array.from(problem.p),
    rowI: new Float64Array(size),
    rowJ: new Float64Array(size),
  };
  const limit = Math.max(1e7, 100 * size);
  for (let step = 0; step < limit; step++) {
    if (step % 256 === 0) await pause(step, undefined, 'steps');
    const [i, j] = selectWorkingSet(state);
    if (i < 0) return { alpha: state.alpha, rho: threshold(state) };
    problem.fillRow(j, state.rowJ);
    updatePair(state, i, j);
  }
  throw new ConvergenceError('SMO', limit, 'Use a smaller C, some ridge, or a larger tolerance.');
};
