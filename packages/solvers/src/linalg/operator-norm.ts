import { tridiagonalEigen } from './divide-conquer.js';
import { LanczosRun } from './lanczos.js';
import type { Pause } from './pause.js';

const mostSteps = 200;
/** Error that is left, relative to the norm. */
const tolerance = 1e-13;

/**
 * Largest absolute eigenvalue of a symmetric operator by Lanczos's method, all vectors kept orthogonal. Its error is at
 * most the residual of the last step, which is less than 1e-13 of it.
 *
 * @param times the operator on a vector of `size` numbers
 * @returns undefined where 200 steps do not suffice
 */
export const operatorNormOf = async (
  times: (x: Float64Array) => Float64Array,
  size: number,
  pause: Pause,
): Promise<number | undefined> => {
  // It must not be orthogonal to the eigenvector that is looked for. That of a kernel without negative entries is close to
  // a constant one, and the rest has no pattern that others might have.
  const run = new LanczosRun(Float64Array.from({ length: size }, (_, i) => 1 + Math.sin((i + 1) ** 2)));
  for (let step = 0; step < Math.min(mostSteps, size); step++) {
    await pause();
    run.take(times(run.next()));
    const isLast = step === size - 1;
    if (step > 16 && step % 4 !== 0 && !isLast) continue;
    const { values, last } = await tridiagonalEigen(...run.diagonals, pause);
    const top = Math.abs(values[0]!) > Math.abs(values[step]!) ? 0 : step;
    const norm = Math.abs(values[top]!);
    if (run.betas[step]! * Math.abs(last[top]!) <= tolerance * norm || isLast) return norm;
  }
  return undefined;
};
