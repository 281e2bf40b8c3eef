import { BadArgumentError } from '@ntk-lens/core';
import type { SolverGrids } from '../definition/grids.js';
import { checkedSettings } from '../definition/options.js';
import { type KernelTraits, knownSolvers, solverCandidates } from '../select/candidates.js';
import { gradientFlow } from '../solvers/gradient-flow.js';
import type { OptionsOf } from '../solvers/index.js';
import { lstsq } from '../solvers/lstsq.js';

/** A candidate that needs no entry of the kernel: its coefficients are a function of K, times the targets. */
export type MatrixFreeSpec =
  | {
      readonly solver: 'lstsq';
      readonly method?: 'cg';
      readonly ridge: number;
      readonly f0Scale?: number;
    }
  | {
      readonly solver: 'gradient-flow';
      readonly loss?: 'squared';
      readonly time: number;
      readonly f0Scale?: number;
    };

const able = [lstsq.name, gradientFlow.name] as const;

/**
 * The candidates of grids that can be solved without the kernel's entries. A ridge of 0 and the end of gradient flow are left
 * out: iterations do not end there where the kernel is singular.
 *
 * @param grids the solver `auto` means all that can
 * @throws BadArgumentError for other solvers and losses, and where nothing is left
 */
export const matrixFreeCandidates = (
  grids: SolverGrids,
  traits: Pick<KernelTraits, 'hasLogits'> = { hasLogits: true },
): readonly MatrixFreeSpec[] => {
  const asked = knownSolvers(grids.solver);
  const other = asked === 'auto' ? undefined : asked.find((name) => !able.some((known) => known === name));
  if (other !== undefined)
    throw new BadArgumentError(
      'solver',
      other,
      `one that needs products with the kernel and no entry of it: ${able.join(', ')}`,
    );
  if (grids.losses?.includes('cross-entropy'))
    throw new BadArgumentError('losses', 'cross-entropy', 'squared, the loss that is solved by products');
  const solver = asked === 'auto' ? able.join(',') : grids.solver;
  const all = solverCandidates({ ...grids, solver, method: 'cg' }, { ...traits, asymmetric: false });
  const left = all.flatMap((candidate): MatrixFreeSpec[] => {
    if (candidate.solver === 'lstsq') {
      const { ridge, f0Scale } = checkedSettings(lstsq.options, candidate);
      return ridge > 0 ? [{ solver: 'lstsq', method: 'cg', ridge, f0Scale }] : [];
    }
    const { time, f0Scale } = checkedSettings(gradientFlow.options, candidate as OptionsOf<'gradient-flow'>);
    return Number.isFinite(time) && time > 0
      ? [{ solver: 'gradient-flow', loss: 'squared', time, f0Scale }]
      : [];
  });
  if (left.length === 0)
    throw new BadArgumentError(
      'ridge',
      (grids.ridge ?? []).join(', '),
      'a number above 0, or a finite time of gradient flow',
      ' Without the kernel’s entries nothing is solved to the end of training.',
    );
  return left;
};
