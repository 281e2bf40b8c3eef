/** The range of values over seeds, for the band of a figure; none for one value. */
export const seedBand = (values: readonly number[]): readonly [number, number] | undefined =>
  values.length > 1 ? [Math.min(...values), Math.max(...values)] : undefined;
