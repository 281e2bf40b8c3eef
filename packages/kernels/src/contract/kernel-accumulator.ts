import { type NDArray, zeros } from '@ntk-lens/core';

/** Where a panel's rows or columns go: examples of one batch, each with C outputs. */
export interface PanelAxis {
  readonly indices: readonly number[];
  /** Examples that the panel has room for, where that is more. */
  readonly room?: number;
}

/** Sums kernel panels in float64 into one array `[N, C, M, C']`. */
export class KernelAccumulator {
  readonly kernel: NDArray<'float64'>;
  /** A value that is not finite, once one was added. */
  nonFinite: number | undefined;
  readonly #outputs: number;
  readonly #columns: number;
  readonly #columnOutputs: number;

  /** @param rows N @param columns M @param outputs C @param columnOutputs C', as many by default */
  constructor(rows: number, columns: number, outputs: number, columnOutputs = outputs) {
    this.kernel = zeros('float64', [rows, outputs, columns, columnOutputs]);
    this.#outputs = outputs;
    this.#columns = columns;
    this.#columnOutputs = columnOutputs;
  }

  /**
   * Adds a panel `[Σ C·n over rows, Σ C'·m over columns]`, output-major within a batch.
   *
   * @param mirror also add its transpose at (columns, rows): one triangle of a symmetric kernel
   */
  add(
    panel: ArrayLike<number>,
    rows: readonly PanelAxis[],
    columns: readonly PanelAxis[],
    mirror = false,
  ): void {
    const left = outputMajor(rows, this.#outputs);
    const right = outputMajor(columns, this.#columnOutputs);
    this.#add(panel, left, right, right.length, 1, mirror);
  }

  /** Adds a transposed panel `[Σ m·C over columns, Σ n·C over rows]`, example-major within a batch. */
  addTransposed(
    panel: ArrayLike<number>,
    rows: readonly PanelAxis[],
    columns: readonly PanelAxis[],
    mirror = false,
  ): void {
    const left = exampleMajor(rows, this.#outputs);
    const right = exampleMajor(columns, this.#columnOutputs);
    this.#add(panel, left, right, 1, left.length, mirror);
  }

  #add(
    panel: ArrayLike<number>,
    left: readonly number[],
    right: readonly number[],
    rowStride: number,
    columnStride: number,
    mirror: boolean,
  ): void {
    const width = this.#columns * this.#columnOutputs;
    const { data } = this.kernel;
    for (const [i, row] of left.entries()) {
      if (row < 0) continue;
      for (const [j, column] of right.entries()) {
        if (column < 0) continue;
        const value = panel[i * rowStride + j * columnStride]!;
        if (!Number.isFinite(value)) this.nonFinite = value;
        data[row * width + column]! += value;
        if (mirror) data[column * width + row]! += value;
      }
    }
  }
}

/** Position (example · C + output) of every row of a panel; −1 where there is only room. */
const outputMajor = (axis: readonly PanelAxis[], outputs: number): number[] =>
  axis.flatMap(({ indices, room = indices.length }) =>
    Array.from({ length: outputs }, (_, c) =>
      Array.from({ length: room }, (_, row) => (row < indices.length ? indices[row]! * outputs + c : -1)),
    ).flat(),
  );

const exampleMajor = (axis: readonly PanelAxis[], outputs: number): number[] =>
  axis.flatMap(({ indices }) =>
    indices.flatMap((i) => Array.from({ length: outputs }, (_, c) => i * outputs + c)),
  );
