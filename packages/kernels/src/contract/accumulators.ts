import type { Formula } from '@ntk-lens/core';
import { KernelAccumulator } from './kernel-accumulator.js';

/** Which part of the network a kernel is the contribution of: everything, each stage, or each parameter. */
export type BlockLevel = 'sum' | 'layer' | 'parameter';

/** Kernels of one pass for one part of the network. */
export interface PassKernels {
  /** Rows × rows, when asked for; for A-SignGD with the signs on the rows. */
  readonly self?: KernelAccumulator;
  /** Rows × columns. */
  readonly cross: KernelAccumulator;
  /** Rows × columns with the signs on the columns (A-SignGD). */
  readonly flipped?: KernelAccumulator;
}

/** The kernels that a pass fills, one set per part. */
export class Accumulators {
  readonly parts = new Map<string, PassKernels>();

  constructor(
    readonly level: BlockLevel,
    private readonly make: () => PassKernels,
  ) {}

  static create(options: {
    readonly level: BlockLevel;
    readonly formula: Formula;
    readonly rows: number;
    readonly columns: number;
    readonly outputs: number;
    readonly self: boolean;
  }): Accumulators {
    const { rows, columns, outputs } = options;
    return new Accumulators(options.level, () => ({
      ...(options.self && { self: new KernelAccumulator(rows, rows, outputs) }),
      cross: new KernelAccumulator(rows, columns, outputs),
      ...(options.formula === 'a-signgd' && { flipped: new KernelAccumulator(rows, columns, outputs) }),
    }));
  }

  /** A number that is not finite, if any was added. */
  get nonFinite(): number | undefined {
    for (const { self, cross, flipped } of this.parts.values()) {
      for (const kernel of [self, cross, flipped])
        if (kernel?.nonFinite !== undefined) return kernel.nonFinite;
    }
    return undefined;
  }

  /** The kernels that a parameter of a stage adds to. */
  at(stage: string, parameter: string): PassKernels {
    const key = this.level === 'sum' ? 'sum' : this.level === 'layer' ? stage : parameter;
    const known = this.parts.get(key);
    if (known) return known;
    const made = this.make();
    this.parts.set(key, made);
    return made;
  }
}
