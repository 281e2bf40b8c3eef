import { type FormulaName, formulaOf, isSymmetric } from '@ntk-lens/kernels/formulas';
import type { NamedOptimizer, ParameterSpace } from '@ntk-lens/subspace';
import type { KernelChoice } from '../kernel/kernel-options.js';
import { computeKernel } from '../methods/compute-kernel.js';
import type { Session } from '../session/session.js';
import { solveKernel } from '../solve/solve-kernel.js';
import type { LensTask } from '../task/lens-task.js';
import type { CheckOptions, KernelScore } from './check.js';

/** Kernels that are held against fine-tuning with an optimizer. */
export const kernelsOf = ({ kernels }: NamedOptimizer, { spec }: LensTask): readonly FormulaName[] =>
  spec.labels.length === 2 ? [kernels.main, ...kernels.ofTwoLabels] : [kernels.main];

/** The options of one of these kernels; a formula that is not symmetric has one output. */
export const choiceOf = (
  name: FormulaName,
  space: ParameterSpace,
  choice: KernelChoice = {},
): KernelChoice => {
  const formula = formulaOf(name);
  return { ...choice, binary: !isSymmetric(formula) || choice.binary, formula, space };
};

/** Computes and solves one kernel of one sample in a directory of its own; a finished one is read. */
export const scoreKernel = async (
  session: Session,
  task: LensTask,
  name: FormulaName,
  options: CheckOptions & { readonly space: ParameterSpace; readonly directory: string },
): Promise<KernelScore> => {
  const { kernel: choice, solve, onKernel, directory, replace, space, signal, onProgress } = options;
  const single = !isSymmetric(formulaOf(name));
  const long = { signal, onProgress };
  const start = performance.now();
  const asked = choiceOf(name, space, choice);
  const kernel = await computeKernel(session, task, { ...asked, directory, replace, ...long });
  const computed = performance.now();
  const solved = await solveKernel(kernel, {
    threads: session.shared.threads,
    ...solve,
    solver: single ? 'asym' : solve?.solver,
    ...long,
  });
  const seconds = { kernels: (computed - start) / 1000, solve: (performance.now() - computed) / 1000 };
  await onKernel?.({ formula: name, solved, directory, seconds });
  const { solver, test } = solved;
  return { formula: name, solver, test: test[task.spec.metrics[0]] ?? Number.NaN };
};
