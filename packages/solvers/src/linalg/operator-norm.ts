import { tridiagonalEigen } from './divide-conquer.js';
import type { Pause } from './pause.js';
import { dot } from './products.js';

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
  const basis: Float64Array[] = [];
  const alphas: number[] = [];
  const betas: number[] = [];
  // A start without any pattern that eigenvectors might have: it must not be orthogonal to the one that is looked for.
  let next: Float64Array = Float64Array.from({ length: size }, (_, i) => Math.sin((i + 1) ** 2));
  let beta = Math.sqrt(dot(next, 0, next, 0, size));
  for (let step = 0; step < Math.min(mostSteps, size); step++) {
    await pause();
    const v = next.map((x) => x / beta);
    basis.push(v);
    next = times(v);
    alphas.push(dot(v, 0, next, 0, size));
    // Twice is enough (Giraud, Langou & Rozložník 2005).
    for (let pass = 0; pass < 2; pass++) {
      for (const known of basis) {
        const overlap = dot(known, 0, next, 0, size);
        for (let i = 0; i < size; i++) next[i]! -= overlap * known[i]!;
      }
    }
    beta = Math.sqrt(dot(next, 0, next, 0, size));
    const isLast = step === size - 1;
    betas.push(beta);
    if (step > 16 && step % 4 !== 0 && !isLast) continue;
    const { values, last } = await tridiagonalEigen(
      Float64Array.from(alphas),
      Float64Array.from(betas.slice(0, step)),
      pause,
    );
    const top = Math.abs(values[0]!) > Math.abs(values[step]!) ? 0 : step;
    const norm = Math.abs(values[top]!);
    if (beta * Math.abs(last[top]!) <= tolerance * norm || isLast) return norm;
  }
  return undefined;
};
