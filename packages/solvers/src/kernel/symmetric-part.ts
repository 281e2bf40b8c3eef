const tile = 32;

/** Calls `visit` for each square of a `[size, size]` array on and below its diagonal; both of its mirror images fit a cache. */
const forTiles = (size: number, visit: (i0: number, i1: number, j0: number, j1: number) => void): void => {
  for (let i = 0; i < size; i += tile) {
    for (let j = 0; j <= i; j += tile) visit(i, Math.min(size, i + tile), j, Math.min(size, j + tile));
  }
};

/** Largest |K − Kᵀ|, where it is, and largest |K|; zeros for a symmetric kernel. */
export interface Asymmetry {
  readonly difference: number;
  readonly row: number;
  readonly column: number;
  readonly scale: number;
}

const isSymmetric = (matrix: Float64Array, size: number): boolean => {
  let differs = false;
  forTiles(size, (i0, i1, j0, j1) => {
    let difference = 0;
    for (let i = i0; i < i1; i++) {
      for (let j = j0; j < j1; j++) {
        difference = Math.max(difference, Math.abs(matrix[i * size + j]! - matrix[j * size + i]!));
      }
    }
    differs ||= difference > 0;
  });
  return !differs;
};

/** Looks for differences at all first: to find where the largest is takes longer. */
export const measureAsymmetry = (matrix: Float64Array, size: number): Asymmetry => {
  const found = { difference: 0, row: 0, column: 0, scale: 0 };
  if (isSymmetric(matrix, size)) return found;
  forTiles(size, (i0, i1, j0, j1) => {
    let { difference, scale } = found;
    for (let i = i0; i < i1; i++) {
      for (let j = j0; j < Math.min(j1, i + 1); j++) {
        const a = matrix[i * size + j]!;
        const b = matrix[j * size + i]!;
        scale = Math.max(scale, Math.abs(a), Math.abs(b));
        if (Math.abs(a - b) > difference) {
          difference = Math.abs(a - b);
          found.row = i;
          found.column = j;
        }
      }
    }
    found.difference = difference;
    found.scale = scale;
  });
  return found;
};

/** (K + Kᵀ)/2. */
export const symmetricPart = (matrix: Float64Array, size: number): Float64Array => {
  const part = new Float64Array(size * size);
  forTiles(size, (i0, i1, j0, j1) => {
    for (let i = i0; i < i1; i++) {
      for (let j = j0; j < Math.min(j1, i + 1); j++) {
        part[i * size + j] = part[j * size + i] = (matrix[i * size + j]! + matrix[j * size + i]!) / 2;
      }
    }
  });
  return part;
};
