import { type NDArray, zeros } from '@ntk-lens/core';

/** Where a block's rows or columns go: examples of one batch, each with C outputs, output-major. */
export interface BlockAxis {
  readonly indices: readonly number[];
}

/** Sums kernel blocks in float64 into one array `[N, C, M, C]`. */
export class KernelAccumulator {
  readonly kernel: NDArray<'float64'>;
  /** A value that is not finite, once one was added. */
  nonFinite: number | undefined;
  readonly #outputs: number;
  readonly #columns: number;

  /** @param rows N @param columns M @param outputs C */
  constructor(rows: number, columns: number, outputs: number) {
    this.kernel = zeros('float64', [rows, outputs, columns, outputs]);
    this.#outputs = outputs;
    this.#columns = columns;
  }

  /**
   * Adds a block `[Σ C·n over rows, Σ C·m over columns]`.
   *
   * @param mirror also add its transpose at (columns, rows): one triangle of a symmetric kernel
   */
  add(
    block: ArrayLike<number>,
    rows: readonly BlockAxis[],
    columns: readonly BlockAxis[],
    mirror = false,
  ): void {
    const left = offsets(rows, this.#outputs);
    const right = offsets(columns, this.#outputs);
    const width = this.#columns * this.#outputs;
    const { data } = this.kernel;
    for (const [i, row] of left.entries()) {
      for (const [j, column] of right.entries()) {
        const value = block[i * right.length + j]!;
        if (!Number.isFinite(value)) this.nonFinite = value;
        data[row * width + column]! += value;
        if (mirror) data[column * width + row]! += value;
      }
    }
  }
}

/** Position (example · C + output) of every row of a block. */
const offsets = (axis: readonly BlockAxis[], outputs: number): number[] =>
  axis.flatMap(({ indices }) =>
    Array.from({ length: outputs }, (_, c) => indices.map((i) => i * outputs + c)).flat(),
  );
