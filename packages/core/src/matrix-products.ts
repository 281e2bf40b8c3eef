/** C ← C + α A B, or C + α A Bᵀ. All three are whole arrays in row-major order, and C is neither A nor B. */
export interface MatrixProduct {
  /** `[rows, columns]` */
  readonly c: Float64Array;
  /** `[rows, depth]` */
  readonly a: Float64Array;
  /** `[depth, columns]`, or `[columns, depth]` where it is read transposed. */
  readonly b: Float64Array;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly alpha: 1 | -1;
  /** Default: false. */
  readonly transposeB?: boolean;
}

/**
 * Adds products of float64 matrices. Solvers are written on it, so that their factorizations run at the rate of the
 * fastest product there is: the engine has one on ONNX Runtime, and solvers bring one in plain JavaScript.
 *
 * @example
 * ```ts
 * const naive: AddProduct = async ({ c, a, b, rows, columns, depth, alpha, transposeB }) => {
 *   for (let i = 0; i < rows; i++)
 *     for (let j = 0; j < columns; j++)
 *       for (let p = 0; p < depth; p++) {
 *         const right = b[transposeB ? j * depth + p : p * columns + j]!;
 *         c[i * columns + j]! += alpha * a[i * depth + p]! * right;
 *       }
 * };
 * ```
 */
export type AddProduct = (product: MatrixProduct) => Promise<void>;
