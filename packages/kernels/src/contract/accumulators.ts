import type { KernelFormula } from '../formulas/formula.js';
import { TileKernels, type TileSize } from './tile-kernels.js';

/** The part of the network that contributes to a kernel: everything, each stage, or each parameter. */
export type BlockLevel = 'sum' | 'layer' | 'parameter';

/** The kernels that a tile fills, one set per part of the network. */
export class Accumulators {
  readonly parts = new Map<string, TileKernels>();
  readonly level: BlockLevel;
  readonly #formula: KernelFormula;
  readonly #size: TileSize;

  constructor(level: BlockLevel, formula: KernelFormula, size: TileSize) {
    this.level = level;
    this.#formula = formula;
    this.#size = size;
  }

  /** A number that is not finite, if any was added. */
  get nonFinite(): number | undefined {
    for (const { nonFinite } of this.parts.values()) if (nonFinite !== undefined) return nonFinite;
    return undefined;
  }

  /** The kernels that a parameter of a stage adds to. */
  at(stage: string, parameter: string): TileKernels {
    const key = this.level === 'sum' ? 'sum' : this.level === 'layer' ? stage : parameter;
    const known = this.parts.get(key) ?? new TileKernels(this.#formula, this.#size);
    this.parts.set(key, known);
    return known;
  }
}
