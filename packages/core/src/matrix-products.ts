/** C ← C + α A B, with A and B as they are or transposed. All three are whole arrays in row-major order, and C is neither A nor B. */
export interface MatrixProduct {
  /** `[rows, columns]` */
  readonly c: Float64Array;
  /** `[rows, depth]`, or `[depth, rows]` where it is read transposed. */
  readonly a: Float64Array;
  /** `[depth, columns]`, or `[columns, depth]` where it is read transposed. */
  readonly b: Float64Array;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly alpha: 1 | -1;
  /** Default: false. */
  readonly transposeA?: boolean;
  /** Default: false. */
  readonly transposeB?: boolean;
}

/**
 * Adds products of float64 matrices. Solvers are written on it, so that their factorizations run at the rate of the
 * fastest product there is: the engine has one on ONNX Runtime, and solvers bring one in plain JavaScript.
 *
 * @example
 * ```ts
 * const naive: AddProduct = async ({ c, a, b, rows, columns, depth, alpha, transposeA, transposeB }) => {
 *   for (let i = 0; i < rows; i++)
 *     for (let j = 0; j < columns; j++)
 *       for (let p = 0; p < depth; p++) {
 *         const left = a[transposeA ? p * rows + i : i * depth + p]!;
 *         c[i * columns + j]! += alpha * left * b[transposeB ? j * depth + p : p * columns + j]!;
 *       }
 * };
 * ```
 */
export type AddProduct = (product: MatrixProduct) => Promise<void>;
