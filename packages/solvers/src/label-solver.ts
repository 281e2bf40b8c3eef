import { BadArgumentError, type KernelSplit } from '@ntk-lens/core';
import { BaseSolver, type SolverOptions } from './base-solver.js';
import type { FitOptions } from './solver.js';

/** A classifier: it is fitted to labels, never to own targets. */
export abstract class LabelSolver<Options extends SolverOptions, Solution extends object> extends BaseSolver<
  Options,
  Solution
> {
  protected override checkProblem(_split: KernelSplit, _shape: unknown, options: FitOptions): void {
    if (options.targets) {
      throw new BadArgumentError(
        'targets',
        `own targets for solver "${this.name}"`,
        'labels; use lstsq or svr',
      );
    }
  }

  /** For classifiers that have no place for an offset. */
  protected refuseF0(): void {
    if (Number.isFinite(this.options.f0Scale ?? Number.POSITIVE_INFINITY)) {
      throw new BadArgumentError('f0Scale', this.options.f0Scale, `Infinity: this solver cannot use f0`);
    }
  }
}
