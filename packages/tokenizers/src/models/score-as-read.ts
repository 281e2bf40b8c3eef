/**
 * A number as the reference's JSON reader gives it: its digits as an integer, then one multiplication or division
 * by a power of ten. The last bit may differ from the nearest double, which decides between segmentations that
 * would otherwise be equally likely.
 *
 * @example
 * ```ts
 * scoreAsRead(-2.9398375413846534); // -2.939837541384654
 * ```
 */
export const scoreAsRead = (score: number): number => {
  const match = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(Math.abs(score)));
  if (match === null) return score;
  const fraction = match[2] ?? '';
  const exponent = Number(match[3] ?? 0) - fraction.length;
  const digits = Number(`${match[1]}${fraction}`);
  const power = Number(`1e${Math.abs(exponent)}`);
  const value = exponent < 0 ? digits / power : digits * power;
  if (!Number.isFinite(value)) return score;
  return score < 0 ? -value : value;
};
