import type { NDArray } from '@ntk-lens/core';
import { isSymmetric, type KernelFormula } from '../formulas/formula.js';
import { type ProgramMaps, programMaps } from '../formulas/program-maps.js';
import { KernelAccumulator, type PanelAxis } from './kernel-accumulator.js';
import type { Pair } from './pairs.js';

/** Kernels of one tile for one part of the network, as plain arrays `[rows, C, columns, C]`. */
export interface TileArrays {
  readonly self?: NDArray<'float64'>;
  readonly cross: NDArray<'float64'>;
  readonly flipped?: NDArray<'float64'>;
  /** K(ξ, ξ) of the columns, `[columns, C, 1, 1]`. */
  readonly diagonal?: NDArray<'float64'>;
}

/** Kernel panels of one pair, for the formula and, if it is not symmetric, with its maps exchanged. */
export interface PairPanels<T> {
  readonly kernel: T;
  readonly flipped: T | undefined;
}

export interface TileSize {
  readonly rows: number;
  readonly columns: number;
  /** C. */
  readonly outputs: number;
  /** Rows against rows as well. */
  readonly self: boolean;
  /** K(ξ, ξ) of the columns as well. */
  readonly diagonal: boolean;
}

/** The kernels that a tile fills for one part of the network. */
export class TileKernels {
  /** The maps of the formula: one acts on rows, one on columns. */
  readonly maps: ProgramMaps;
  readonly symmetric: boolean;
  /** Rows × rows, where asked for. */
  readonly self: KernelAccumulator | undefined;
  /** Rows × columns. */
  readonly cross: KernelAccumulator;
  /** Rows × columns with the maps of rows and columns exchanged, where the formula is not symmetric. */
  readonly flipped: KernelAccumulator | undefined;
  /** K(ξ, ξ) of every column and output, `[columns, C]`, where the formula's `finish` needs it. */
  readonly diagonal: KernelAccumulator | undefined;

  constructor(formula: KernelFormula, { rows, columns, outputs, self, diagonal }: TileSize) {
    this.maps = programMaps(formula);
    this.symmetric = isSymmetric(formula);
    this.self = self ? new KernelAccumulator(rows, rows, outputs) : undefined;
    this.cross = new KernelAccumulator(rows, columns, outputs);
    this.flipped = this.symmetric ? undefined : new KernelAccumulator(rows, columns, outputs);
    this.diagonal = diagonal ? new KernelAccumulator(columns, 1, outputs, 1) : undefined;
  }

  /** The options with which `pairs` is called. */
  get wanted(): { readonly self: boolean; readonly symmetric: boolean } {
    return { self: this.self !== undefined, symmetric: this.symmetric };
  }

  /** Adds the panels of a pair, `[C·n, C·m]`, output-major within a batch. */
  add({ x, y, target, mirror }: Pair<PanelAxis>, { kernel, flipped }: PairPanels<ArrayLike<number>>): void {
    this[target]?.add(kernel, [x], [y], mirror);
    if (flipped && target === 'cross') this.flipped?.add(flipped, [x], [y]);
  }

  /** Adds K(ξ, ξ) of the examples of a batch, `[C·n]`, output-major. */
  addDiagonal(y: PanelAxis, squares: ArrayLike<number>): void {
    this.diagonal?.add(squares, [y], [{ indices: [0] }]);
  }

  /** The sums so far, as plain arrays. */
  get arrays(): TileArrays {
    const { self, cross, flipped, diagonal } = this;
    return {
      self: self?.kernel,
      cross: cross.kernel,
      flipped: flipped?.kernel,
      diagonal: diagonal?.kernel,
    };
  }

  /** A number that is not finite, if any was added. */
  get nonFinite(): number | undefined {
    const bad = [this.self, this.cross, this.flipped, this.diagonal].find(
      (kernel) => kernel?.nonFinite !== undefined,
    );
    return bad?.nonFinite;
  }
}
