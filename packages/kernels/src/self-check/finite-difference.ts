import { BadArgumentError } from '@ntk-lens/core';

/** A derivative from function values alone. */
export interface DerivativeEstimate {
  /** df/dh at 0, of every component. */
  readonly value: Float64Array;
  /** Change of the estimate from one step size to the next, ‖·‖₂: its own idea of its error. */
  readonly uncertainty: number;
  /** Step that gave it. */
  readonly step: number;
}

/**
 * Derivative at 0 of a vector-valued function of one number, from central differences at h, h/2, h/4, …
 * extrapolated in pairs (Richardson: error of order h⁴). Large steps err by curvature, small ones by rounding
 * of f; the answer is the pair of steps where estimates change least.
 *
 * @example
 * ```ts
 * const { value } = await directionalDerivative(async (h) => Float64Array.of(Math.sin(1 + h)), 0.5);
 * value[0]; // cos(1), to about 1e-9
 * ```
 * @param f values at 0 + h, the same number of components at every call
 * @param largest first step, > 0
 * @param halvings number of halvings, ≥ 2
 * @throws BadArgumentError for other steps
 */
export const directionalDerivative = async (
  f: (step: number) => Promise<ArrayLike<number>>,
  largest: number,
  halvings = 6,
): Promise<DerivativeEstimate> => {
  if (!(largest > 0 && Number.isFinite(largest)))
    throw new BadArgumentError('largest step', largest, 'a positive number');
  if (!(Number.isInteger(halvings) && halvings >= 2))
    throw new BadArgumentError('halvings', halvings, 'an integer of at least 2');
  const steps = Array.from({ length: halvings + 1 }, (_, k) => largest / 2 ** k);
  const central: Float64Array[] = [];
  for (const step of steps) {
    const above = await f(step);
    const below = await f(-step);
    central.push(Float64Array.from(above, (value, i) => (value - below[i]!) / (2 * step)));
  }
  const extrapolated = central.slice(1).map((fine, k) => fine.map((d, i) => (4 * d - central[k]![i]!) / 3));
  let best: DerivativeEstimate | undefined;
  for (const [k, value] of extrapolated.slice(1).entries()) {
    const uncertainty = Math.hypot(...value.map((d, i) => d - extrapolated[k]![i]!));
    if (!best || !(uncertainty >= best.uncertainty)) best = { value, uncertainty, step: steps[k + 2]! };
  }
  return best!;
};
