/** A number with two digits and a true minus sign, as texts of figures have it. */
export const signed = (value: number): string => value.toFixed(2).replace('-', '−');
