import { type NDArray, zeros } from '@ntk-lens/core';
import type { TileArrays } from './contract/tile-kernels.js';
import { isSymmetric, type KernelFormula } from './formulas/formula.js';
import type { PlannedTile } from './plan/tile-plan.js';

/** The kernel of all training examples against all examples, filled tile by tile. */
export class KernelAssembly {
  readonly #kernel: NDArray<'float64'>;
  readonly #flipped: NDArray<'float64'> | undefined;
  readonly #formula: KernelFormula;
  readonly #train: number;
  readonly #outputs: number;
  /** K(ξ, ξ) of every example and output, where the formula's `finish` needs it. */
  readonly #diagonal: Float64Array;

  constructor(formula: KernelFormula, train: number, all: number, outputs: number) {
    this.#formula = formula;
    this.#train = train;
    this.#diagonal = new Float64Array(formula.finish ? all * outputs : 0);
    this.#outputs = outputs;
    this.#kernel = zeros('float64', [train, outputs, all, outputs]);
    this.#flipped = isSymmetric(formula) ? undefined : zeros('float64', [train, outputs, all, outputs]);
  }

  add(planned: PlannedTile, arrays: TileArrays): void {
    const { rows, columns } = planned;
    this.#putDiagonals(planned, arrays);
    if (arrays.self) {
      this.#put(this.#kernel, rows, rows, arrays.self);
      if (this.#flipped) this.#put(this.#flipped, rows, rows, arrays.self, true);
    }
    this.#put(this.#kernel, rows, columns, arrays.cross);
    if (this.#flipped) this.#put(this.#flipped, rows, columns, arrays.flipped!);
    // Training examples among the columns are rows too: K(b, a) is K(a, b), or for A-SignGD its flipped.
    const later = columns.filter((i) => i < this.#train);
    if (later.length === 0) return;
    this.#put(this.#kernel, rows, columns, arrays.flipped ?? arrays.cross, true);
    if (this.#flipped) this.#put(this.#flipped, rows, columns, arrays.cross, true);
  }

  /** K(train, query from … from + count) and its flipped. */
  slice(from: number, count: number): { kernel: NDArray<'float64'>; flipped?: NDArray<'float64'> } {
    const of = (start: number, examples: number) =>
      this.#diagonal.subarray(start * this.#outputs, (start + examples) * this.#outputs);
    const part = (array: NDArray<'float64'>) => {
      const own = sliceColumns(array, from, count);
      return this.#formula.finish?.(own, of(0, this.#train), of(from, count)) ?? own;
    };
    return { kernel: part(this.#kernel), flipped: this.#flipped && part(this.#flipped) };
  }

  #putDiagonals({ rows, columns }: PlannedTile, { self, diagonal }: TileArrays): void {
    if (this.#diagonal.length === 0) return;
    const c = this.#outputs;
    const size = rows.length * c;
    for (const [i, row] of rows.entries())
      for (let p = 0; self && p < c; p++)
        this.#diagonal[row * c + p] = self.data[(i * c + p) * size + i * c + p]!;
    for (const [j, column] of columns.entries())
      for (let p = 0; diagonal && p < c; p++) this.#diagonal[column * c + p] = diagonal.data[j * c + p]!;
  }

  #put(
    into: NDArray<'float64'>,
    rows: readonly number[],
    columns: readonly number[],
    panel: NDArray<'float64'>,
    transpose = false,
  ): void {
    const c = this.#outputs;
    const width = into.shape[2]! * c;
    const panelWidth = columns.length * c;
    for (const [i, row] of rows.entries()) {
      for (const [j, column] of columns.entries()) {
        if (transpose && column >= this.#train) continue;
        for (let p = 0; p < c; p++) {
          for (let q = 0; q < c; q++) {
            const value = panel.data[(i * c + p) * panelWidth + j * c + q]!;
            if (transpose) into.data[(column * c + q) * width + row * c + p] = value;
            else into.data[(row * c + p) * width + column * c + q] = value;
          }
        }
      }
    }
  }
}

const sliceColumns = (kernel: NDArray<'float64'>, start: number, count: number): NDArray<'float64'> => {
  const [n, outputs, m] = kernel.shape as [number, number, number, number];
  const data = new Float64Array(n * outputs * count * outputs);
  for (let row = 0; row < n * outputs; row++) {
    const from = row * m * outputs + start * outputs;
    data.set(kernel.data.subarray(from, from + count * outputs), row * count * outputs);
  }
  return { dtype: 'float64', shape: [n, outputs, count, outputs], data };
};
