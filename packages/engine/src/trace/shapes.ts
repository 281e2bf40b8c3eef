/** NumPy broadcasting of two shapes. Kernels of tfjs check that they agree, so recording must, too. */
export const broadcast = (a: readonly number[], b: readonly number[]): number[] => {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new Error(`Shapes [${a}] and [${b}] do not broadcast.`);
    return x === 1 ? y : x;
  });
};

/** Axes as non-negative numbers, sorted; all axes when none are given. */
export const normalAxes = (axes: number | readonly number[] | undefined, rank: number): number[] => {
  const list =
    axes === undefined || axes === null ? Array.from({ length: rank }, (_, i) => i) : [axes].flat();
  return list.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
};

/** Shape after reducing `axes`. */
export const reduced = (shape: readonly number[], axes: readonly number[], keepDims: boolean): number[] =>
  keepDims ? shape.map((n, i) => (axes.includes(i) ? 1 : n)) : shape.filter((_, i) => !axes.includes(i));

/** Shape of a (batched) matrix product. */
export const matMulShape = (
  a: readonly number[],
  b: readonly number[],
  transposeA: boolean,
  transposeB: boolean,
): number[] => {
  const [inner, other] = [a.at(transposeA ? -2 : -1), b.at(transposeB ? -1 : -2)];
  if (inner !== other) {
    const shapes = `[${a}]${transposeA ? 'ᵀ' : ''} and [${b}]${transposeB ? 'ᵀ' : ''}`;
    throw new Error(`Matrix product of ${shapes}: the inner shapes ${inner} and ${other} must match.`);
  }
  return [
    ...broadcast(a.slice(0, -2), b.slice(0, -2)),
    a.at(transposeA ? -1 : -2)!,
    b.at(transposeB ? -2 : -1)!,
  ];
};
