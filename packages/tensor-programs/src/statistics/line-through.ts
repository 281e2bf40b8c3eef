/**
 * Weighted least squares: slope, intercept, and the part of the variance of y that the line explains; 1 where there is
 * none.
 *
 * @param weights default: all 1
 */
export const lineThrough = (
  xs: readonly number[],
  ys: readonly number[],
  weights: readonly number[] = xs.map(() => 1),
) => {
  const total = weights.reduce((a, b) => a + b, 0);
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value, i) => sum + weights[i]! * value, 0) / total;
  const [mx, my] = [mean(xs), mean(ys)];
  const slope = mean(xs.map((x, i) => (x - mx) * (ys[i]! - my))) / mean(xs.map((x) => (x - mx) ** 2));
  const intercept = my - slope * mx;
  const variance = mean(ys.map((y) => (y - my) ** 2));
  const left = mean(ys.map((y, i) => (y - intercept - slope * xs[i]!) ** 2));
  return { slope, intercept, r2: variance > 0 ? 1 - left / variance : 1 };
};
