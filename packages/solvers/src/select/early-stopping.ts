import type { KernelSplit } from '@ntk-lens/core';
import type { KernelSolver } from '../definition/kernel-solver.js';
import type { FitOptions } from '../definition/solver-definition.js';
import { type GradientFlowOptions, gradientFlowPath } from '../solvers/index.js';
import type { Metric } from './select-on-dev.js';

export interface EarlyStoppingOptions extends FitOptions {
  readonly train: KernelSplit;
  readonly dev: KernelSplit;
  /** Ascending, in the unit of {@link GradientFlowOptions.timeUnit}. Default 0.1 to 10⁴, four per decade, then (squared loss) Infinity. */
  readonly times?: readonly number[];
  readonly flow?: Omit<GradientFlowOptions, 'time'>;
  readonly metric: Metric;
}

export interface EarlyStoppingPath {
  readonly rows: readonly { readonly time: number; readonly train: number; readonly dev: number }[];
  /** The best on dev; the earliest of equals. */
  readonly best: KernelSolver<GradientFlowOptions>;
  readonly bestTime: number;
}

const defaultTimes = (loss: GradientFlowOptions['loss']): number[] => {
  const times = Array.from({ length: 21 }, (_, k) => 10 ** (-1 + k / 4));
  return loss === 'cross-entropy' ? times : [...times, Number.POSITIVE_INFINITY];
};

/**
 * The metric along gradient flow, and where to stop.
 *
 * @example
 * ```ts
 * const { rows, bestTime, best } = await earlyStoppingPath({ train, dev, metric: accuracy });
 * ```
 */
export const earlyStoppingPath = async (options: EarlyStoppingOptions): Promise<EarlyStoppingPath> => {
  const { train, dev, metric, flow = {}, times = defaultTimes(flow.loss), ...fitOptions } = options;
  const solvers = await gradientFlowPath(train, times, flow, fitOptions);
  const rows = solvers.map((solver, k) => ({
    time: times[k]!,
    train: metric(solver.predict(train), train.labels),
    dev: metric(solver.predict(dev), dev.labels),
  }));
  let best = 0;
  for (const [k, row] of rows.entries()) if (row.dev > rows[best]!.dev) best = k;
  return { rows, best: solvers[best]!, bestTime: times[best]! };
};
