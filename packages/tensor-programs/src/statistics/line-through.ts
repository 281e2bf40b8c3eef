/** Least squares: slope, intercept, and the part of the variance of y that the line explains; 1 where there is none. */
export const lineThrough = (xs: readonly number[], ys: readonly number[]) => {
  const n = xs.length;
  const mx = xs.reduce((a, b) => a + b, 0) / n;
  const my = ys.reduce((a, b) => a + b, 0) / n;
  const sxx = xs.reduce((sum, x) => sum + (x - mx) ** 2, 0);
  const slope = xs.reduce((sum, x, i) => sum + (x - mx) * (ys[i]! - my), 0) / sxx;
  const intercept = my - slope * mx;
  const total = ys.reduce((sum, y) => sum + (y - my) ** 2, 0);
  const left = ys.reduce((sum, y, i) => sum + (y - intercept - slope * xs[i]!) ** 2, 0);
  return { slope, intercept, r2: total > 0 ? 1 - left / total : 1 };
};
