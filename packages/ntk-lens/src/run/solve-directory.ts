import { join, resolve } from 'node:path';
import {
  BadArgumentError,
  didYouMean,
  type LongTaskOptions,
  lockedDirectory,
  removeUnfinished,
  writeJson,
} from '@ntk-lens/core';
import {
  type Kernel,
  type KernelIdentity,
  loadKernel,
  openLargeKernel,
  solveKernel,
  solveLargeKernel,
} from '@ntk-lens/lens/stored';
import type { SolverGrids } from '@ntk-lens/solvers';
import type { MetricName } from '@ntk-lens/tasks';
import { withKeptIterations } from './kept-iterations.js';
import { type SolvedSplits, storedScores } from './stored-scores.js';

const metricNames = ['accuracy', 'f1', 'matthews'] as const satisfies readonly MetricName[];

export interface SolveDirectoryRequest extends SolverGrids {
  /** Default: the metrics of the task that the manifest names, else accuracy. */
  readonly metric?: string;
}

/** Options of {@link solveDirectory}. */
export interface SolveDirectoryOptions extends LongTaskOptions {
  /** Budget in bytes: a kernel that exceeds it is read block by block, and solved by iterations. Default: 4 GiB. */
  readonly memory?: number;
  /** A factorization was asked for, which a kernel that exceeds the budget has none of. Default: false. */
  readonly direct?: boolean;
}

/** Result of solving one directory; written to its `solve.json`. */
export interface SolvedDirectory {
  readonly format: 'ntk-lens-solve';
  readonly version: 1;
  readonly directory: string;
  /** From the manifest; absent for foreign kernels. */
  readonly kernel?: KernelIdentity;
  readonly request: SolveDirectoryRequest;
  readonly metrics: readonly [MetricName, ...MetricName[]];
  readonly scores: SolvedSplits;
}

/**
 * Solves stored kernels: a run directory, or any directory with `train.npy`, `dev.npy`, `test.npy` and labels. No other process works
 * in it meanwhile.
 *
 * @throws DirectoryInUseError; what `loadKernel` throws, and what solvers throw on kernels they cannot take
 */
export const solveDirectory = async (
  path: string,
  request: SolveDirectoryRequest,
  { memory, direct = false, ...options }: SolveDirectoryOptions = {},
): Promise<SolvedDirectory> => {
  const metric = metricNames.find((name) => name === request.metric);
  if (request.metric !== undefined && metric === undefined)
    throw new BadArgumentError(
      'metric',
      request.metric,
      metricNames.join(', '),
      didYouMean(request.metric, metricNames),
    );
  const { metric: _, ...grids } = request;
  const own = { ...grids, metrics: metric && ([metric] as const) };
  const large = await openLargeKernel(path, memory);
  const kernel = large ?? (await loadKernel(path));
  return lockedDirectory(path, async () => {
    // Files that a process was killed over.
    await removeUnfinished(path);
    const solved = large
      ? await withKeptIterations(path, { ...own, memory }, (store) =>
          solveLargeKernel(large, { ...own, ...(direct && { method: 'direct' }), ...options, store }),
        )
      : await solveKernel(kernel as Kernel, { ...own, ...options });
    const result: SolvedDirectory = {
      format: 'ntk-lens-solve',
      version: 1,
      directory: resolve(path),
      kernel: Object.keys(kernel.identity).length > 0 ? kernel.identity : undefined,
      request,
      metrics: solved.metrics,
      scores: storedScores(solved),
    };
    await writeJson(join(path, 'solve.json'), result);
    return result;
  });
};
