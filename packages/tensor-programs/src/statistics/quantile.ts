/** Quantile of sorted numbers, linear between neighbours (NumPy's default). */
export const quantile = (sorted: readonly number[], q: number): number => {
  const at = q * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
};
