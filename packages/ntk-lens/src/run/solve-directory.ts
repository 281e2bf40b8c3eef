import { join, resolve } from 'node:path';
import { BadArgumentError, type LongTaskOptions } from '@ntk-lens/core';
import { isSymmetric } from '@ntk-lens/kernels/formulas';
import { MissingFlippedKernelError, type SolverGrids } from '@ntk-lens/solvers';
import type { MetricName } from '@ntk-lens/tasks';
import { TaskNotPossibleError } from './errors.js';
import { type SolvedSplits, solveSplits } from './solve-splits.js';
import { knownFormula } from './store/formula-name.js';
import { readKernels } from './store/kernel-files.js';
import { splitNames } from './store/kernel-names.js';
import { RunDirectory } from './store/run-directory.js';
import { writeJson } from './store/write-json.js';

const metricNames: readonly MetricName[] = ['accuracy', 'f1', 'matthews', 'pearson', 'spearman'];

export interface SolveDirectoryRequest extends SolverGrids {
  /** Default: the metrics of the task that the manifest names, else accuracy. */
  readonly metric?: string;
}

/** Result of solving one directory; written to its `solve.json`. */
export interface SolvedDirectory {
  readonly format: 'ntk-lens-solve';
  readonly version: 1;
  readonly directory: string;
  /** From the manifest; absent for foreign kernels. */
  readonly kernel?: Readonly<Record<string, unknown>>;
  readonly request: SolveDirectoryRequest;
  readonly metrics: readonly [MetricName, ...MetricName[]];
  readonly scores: SolvedSplits;
}

/**
 * Solves stored kernels: a run directory, or any directory with `train.npy`, `dev.npy`, `test.npy` and labels.
 *
 * @throws what {@link readKernels} throws, and what solvers throw on kernels they cannot take
 */
export const solveDirectory = async (
  path: string,
  request: SolveDirectoryRequest,
  options: LongTaskOptions = {},
): Promise<SolvedDirectory> => {
  const { splits, hasLogits } = await readKernels(path);
  const kernel = (await RunDirectory.read(path))?.manifest.kernel;
  // Both kernels of an asymmetric formula, or neither: one of them alone is half a kernel.
  const flipped = splitNames.filter((split) => splits[split].flipped !== undefined);
  const formula = knownFormula(kernel?.['formula']);
  const asymmetric = (formula !== undefined && !isSymmetric(formula)) || flipped.length > 0;
  if (asymmetric && flipped.length < splitNames.length) throw new MissingFlippedKernelError();
  if (Array.isArray(kernel?.['metrics']) && kernel['metrics'].includes('pearson')) {
    throw new TaskNotPossibleError(
      String(kernel['task']),
      'its labels are scores, and a directory of kernels does not hold them',
      'Solve it with "ntk-lens run --out" on this directory, which reuses its kernels.',
    );
  }
  const metrics = metricsOf(request.metric, kernel?.['metrics']);
  const scores = await solveSplits(splits, { ...request, metrics, hasLogits }, options);
  const solved: SolvedDirectory = {
    format: 'ntk-lens-solve',
    version: 1,
    directory: resolve(path),
    ...(kernel && { kernel }),
    request,
    metrics,
    scores,
  };
  await writeJson(join(path, 'solve.json'), solved);
  return solved;
};

const metricsOf = (asked: string | undefined, stored: unknown): readonly [MetricName, ...MetricName[]] => {
  if (asked !== undefined) {
    const known = metricNames.slice(0, 3).find((name) => name === asked);
    if (known === undefined)
      throw new BadArgumentError('--metric', asked, metricNames.slice(0, 3).join(', '));
    return [known];
  }
  const names = Array.isArray(stored) ? metricNames.filter((name) => stored.includes(name)) : [];
  const ordered = Array.isArray(stored) ? names.sort((a, b) => stored.indexOf(a) - stored.indexOf(b)) : names;
  const [first = 'accuracy', ...rest] = ordered;
  return [first, ...rest];
};
