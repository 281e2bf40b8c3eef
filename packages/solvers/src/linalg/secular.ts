/** Root k of 1 + ρ Σ z_j²/(d_j − λ) = 0, as `d[origin] + shift`, with shift exact to rounding. */
export interface SecularRoot {
  readonly origin: number;
  readonly shift: number;
}

/**
 * Finds the root between d_k and d_{k+1} (the last: above d_{n−1}) with the nearer pole as origin, so that all
 * differences d_j − λ are accurate (Gu & Eisenstat 1994). Each step interpolates the two neighbouring poles with
 * rational functions ("middle way", Li 1993) and falls back on bisection.
 *
 * @param d ascending, distinct
 * @param z2 squares of the components of a unit vector, all positive
 * @param rho positive
 */
export const secularRoot = (
  d: Float64Array,
  z2: Float64Array,
  rho: number,
  n: number,
  k: number,
): SecularRoot => {
  const last = k === n - 1;
  const gap = last ? rho : d[k + 1]! - d[k]!;
  const value = (origin: number, shift: number): number => {
    let sum = 1 / rho;
    const base = d[origin]!;
    for (let j = 0; j < n; j++) sum += z2[j]! / (d[j]! - base - shift);
    return sum;
  };
  const nearLeft = last || value(k, gap / 2) >= 0;
  const origin = nearLeft ? k : k + 1;
  let low = nearLeft ? 0 : -gap / 2;
  let high = last ? gap * (1 + 1e-15) : nearLeft ? gap / 2 : 0;
  let shift = last ? gap / 2 : nearLeft ? gap / 4 : -gap / 4;
  const base = d[origin]!;
  const split = last ? n - 2 : k;
  for (let step = 0; step < 200; step++) {
    let psi = 0;
    let dPsi = 0;
    let phi = 0;
    let dPhi = 0;
    let bound = 0;
    for (let j = 0; j < n; j++) {
      const t = 1 / (d[j]! - base - shift);
      const term = z2[j]! * t;
      bound += Math.abs(term);
      if (j <= split) {
        psi += term;
        dPsi += term * t;
      } else {
        phi += term;
        dPhi += term * t;
      }
    }
    const f = 1 / rho + psi + phi;
    if (Math.abs(f) <= 2 ** -52 * (1 / rho + bound)) break;
    if (f < 0) low = shift;
    else high = shift;
    let next = interpolate(d, base, shift, f, dPsi, dPhi, split, n);
    if (!(next > low && next < high)) next = bisect(low, high);
    if (next === shift || next <= low || next >= high) break;
    shift = next;
  }
  return { origin, shift };
};

/** Middle of an interval; geometric when it spans orders of magnitude on one side of zero. */
const bisect = (low: number, high: number): number => {
  const a = Math.min(Math.abs(low), Math.abs(high));
  const b = Math.max(Math.abs(low), Math.abs(high));
  const sign = low + high >= 0 ? 1 : -1;
  if (low * high > 0 && b > 4 * a) return sign * Math.sqrt(a) * Math.sqrt(b);
  if (a === 0 && b > 0) return (sign * b) / 64;
  return (low + high) / 2;
};

const interpolate = (
  d: Float64Array,
  base: number,
  shift: number,
  f: number,
  dPsi: number,
  dPhi: number,
  split: number,
  n: number,
): number => {
  if (split < 0 || split + 1 >= n) return Number.NaN;
  const left = d[split]! - base - shift;
  const right = d[split + 1]! - base - shift;
  // Model c + s/(left − η) + S/(right − η) that agrees in value and slopes; its root η solves a quadratic.
  const s = left * left * dPsi;
  const big = right * right * dPhi;
  const c = f - left * dPsi - right * dPhi;
  const a = c * (left + right) + s + big;
  const b = c * left * right + s * right + big * left;
  const discriminant = Math.sqrt(Math.max(0, a * a - 4 * b * c));
  const eta = a <= 0 ? (a - discriminant) / (2 * c) : (2 * b) / (a + discriminant);
  return shift + eta;
};
