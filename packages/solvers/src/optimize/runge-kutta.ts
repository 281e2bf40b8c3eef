import { ConvergenceError } from '../errors.js';
import type { Pause } from '../linalg/pause.js';

/** Dormand–Prince 5(4) coefficients; the last stage of a step is the first of the next. */
const stages: readonly (readonly number[])[] = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
const errors = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

/** Outputs f with the dual coefficients a that make them: f = f(0) + K a. */
export interface FlowState {
  readonly f: Float64Array;
  readonly a: Float64Array;
}

export interface FlowOptions {
  /** Error per step allowed in an output, relative to max(1, |f|). */
  readonly tolerance: number;
  readonly maximumSteps: number;
}

const combine = (
  base: Float64Array,
  slopes: readonly Float64Array[],
  weights: readonly number[],
  h: number,
) => {
  const out = Float64Array.from(base);
  for (const [s, weight] of weights.entries()) {
    if (weight === 0) continue;
    const slope = slopes[s]!;
    const factor = h * weight;
    for (let i = 0; i < out.length; i++) out[i]! += factor * slope[i]!;
  }
  return out;
};

const errorNorm = (f: Float64Array, error: Float64Array, tolerance: number): number => {
  let worst = 0;
  for (let i = 0; i < f.length; i++) {
    worst = Math.max(worst, Math.abs(error[i]!) / (tolerance * Math.max(1, Math.abs(f[i]!))));
  }
  return worst;
};

/**
 * Integrates da/dt = r(f), df/dt = K r(f) from a = 0 by Dormand–Prince 5(4) with step-size control on f.
 *
 * @param times ascending, finite
 * @returns the state at each time
 * @throws ConvergenceError when the number of steps exceeds the limit (the flow is stiff for long times)
 */
export const integrateFlow = async (
  start: Float64Array,
  residual: (f: Float64Array) => Float64Array,
  timesKernel: (r: Float64Array) => Float64Array,
  times: readonly number[],
  firstStep: number,
  { tolerance, maximumSteps }: FlowOptions,
  pause: Pause,
): Promise<FlowState[]> => {
  let f = Float64Array.from(start);
  let a = new Float64Array(start.length);
  let t = 0;
  let h = firstStep;
  let steps = 0;
  const states: FlowState[] = [];
  let r0 = residual(f);
  let k0 = timesKernel(r0);
  for (const target of times) {
    while (t < target) {
      await pause(states.length, times.length, 'times');
      if (steps++ >= maximumSteps) {
        throw new ConvergenceError(
          'Gradient flow of the cross-entropy',
          maximumSteps,
          'Use a shorter time or a larger tolerance.',
        );
      }
      const last = t + h >= target;
      const step = last ? target - t : h;
      const rs = [r0];
      const ks = [k0];
      let next = f;
      for (const weights of stages.slice(1)) {
        next = combine(f, ks, weights, step);
        const r = residual(next);
        rs.push(r);
        ks.push(timesKernel(r));
      }
      const error = errorNorm(next, combine(new Float64Array(f.length), ks, errors, step), tolerance);
      const factor = Math.min(5, Math.max(0.2, 0.9 * error ** -0.2));
      if (error <= 1) {
        a = combine(a, rs, stages[6]!, step);
        f = next;
        t = last ? target : t + step;
        r0 = rs[6]!;
        k0 = ks[6]!;
        if (!last || factor < 1) h = step * factor;
      } else h = step * factor;
    }
    states.push({ f, a });
  }
  return states;
};
