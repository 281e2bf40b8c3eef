/** An array with its shape. */
interface Numbers {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** ‖a − b‖ / ‖b‖, Frobenius; 0 where both are zero. */
export const relativeDifference = (a: Numbers, b: Numbers): number => {
  if (String(a.shape) !== String(b.shape)) throw new Error(`Shapes [${a.shape}] and [${b.shape}] differ.`);
  let [difference, size] = [0, 0];
  for (const [i, value] of Array.from(b.data).entries()) {
    difference += (a.data[i]! - value) ** 2;
    size += value ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / size);
};

/** Largest |a − b| over all elements. */
export const largestDifference = (a: Numbers, b: Numbers): number => {
  if (String(a.shape) !== String(b.shape)) throw new Error(`Shapes [${a.shape}] and [${b.shape}] differ.`);
  let largest = 0;
  for (const [i, value] of Array.from(b.data).entries())
    largest = Math.max(largest, Math.abs(a.data[i]! - value));
  return largest;
};
