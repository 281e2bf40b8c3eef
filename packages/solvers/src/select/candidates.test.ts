import { describe, expect, it } from 'vitest';
import type { SolverGrids } from '../definition/grids.js';
import { solverNames } from '../solvers/index.js';
import { knownSolvers, regressionSolvers, solverCandidates } from './candidates.js';
import { createSolver } from './create-solver.js';
import { f0ScaleGrid as f0Scales, ridgeGrid as ridge } from './grid.js';

describe('candidates', () => {
  it('are accepted by every solver', () => {
    for (const solver of solverNames) {
      for (const useF0 of [true, false]) {
        const specs = solverCandidates(
          { solver, ridge, f0Scales },
          { hasLogits: useF0, asymmetric: solver === 'asym' },
        );
        expect(specs.length).toBeGreaterThan(0);
        for (const spec of specs) expect(createSolver(spec).name).toBe(solver);
      }
    }
  });
  it('leave f0 out when there are no logits', () => {
    const specs = solverCandidates(
      { solver: 'lstsq', ridge: [0.1], f0Scales: [10, null] },
      { hasLogits: false, asymmetric: false },
    );
    expect(specs).toEqual([{ solver: 'lstsq', ridge: 0.1, f0Scale: Number.POSITIVE_INFINITY }]);
  });
  it('of a list are those of each, and of auto those of every solver that can take the kernel', () => {
    const names = (solver: string, asymmetric: boolean) => [
      ...new Set(
        solverCandidates({ solver, ridge, f0Scales }, { hasLogits: true, asymmetric }).map(
          (spec) => spec.solver,
        ),
      ),
    ];
    expect(names('svc, lstsq', false)).toEqual(['svc', 'lstsq']);
    expect(names('auto', false)).toEqual(['lstsq', 'gradient-flow', 'kernel-logistic', 'svr', 'svc']);
    expect(names('auto', true)).toEqual(['lstsq', 'asym']);
  });
  it('have γ and κ where the solver has them, and allow indefinite kernels only on request', () => {
    const grids = { solver: 'asym,lstsq', ridge: [0], f0Scales: [null], gamma: [0.1, 1], kappa: [0, 1] };
    const kernel = { hasLogits: true, asymmetric: true };
    const specs = solverCandidates(grids, kernel);
    expect(specs.map(({ solver }) => solver)).toEqual(['asym', 'asym', 'asym', 'asym', 'lstsq']);
    expect(specs[2]).toMatchObject({ gamma: 1, kappa: 0 });
    expect(specs.some((spec) => 'allowIndefinite' in spec)).toBe(false);
    const allowed = solverCandidates({ ...grids, allowIndefinite: true }, kernel);
    expect(allowed.every((spec) => spec.allowIndefinite === true)).toBe(true);
  });
  it('of gradient-flow stop along the way, and to the end only where the loss has one', () => {
    const grids = { solver: 'gradient-flow', ridge: [0], f0Scales: [null] };
    const kernel = { hasLogits: true, asymmetric: false };
    const flows = (more: Partial<SolverGrids>) =>
      solverCandidates({ ...grids, ...more }, kernel).map((spec) =>
        spec.solver === 'gradient-flow' ? [spec.loss, spec.time] : [],
      );
    const end = Number.POSITIVE_INFINITY;
    expect(flows({}).map(([, time]) => time)).toEqual([1, 10, 100, 1000, end]);
    expect(flows({ losses: ['squared', 'cross-entropy'], times: [5, null] })).toEqual([
      ['squared', 5],
      ['squared', end],
      ['cross-entropy', 5],
    ]);
    expect(flows({ losses: ['cross-entropy'], times: [null] })).toEqual([['cross-entropy', undefined]]);
  });
  it('of an unknown solver are refused with the list, and an axis without values is, too', () => {
    expect(() => knownSolvers('lstsq,magic')).toThrow(/lstsq, .*asym/);
    const kernel = { hasLogits: true, asymmetric: false };
    const empty = { solver: 'lstsq', ridge: [], f0Scales: [null] };
    expect(() => solverCandidates(empty, kernel)).toThrow(/ridge.*at least one/);
  });
  it('leave out a ridge of 0 where the solver cannot do without, and keep a negative one, to be refused', () => {
    const kernel = { hasLogits: false, asymmetric: false };
    const ridges = (ridge: readonly number[]) =>
      solverCandidates({ solver: 'kernel-logistic', ridge, f0Scales }, kernel);
    expect(ridges([0, 0.1])).toMatchObject([{ ridge: 0.1 }]);
    expect(() => ridges([-1]).map((spec) => createSolver(spec))).toThrow(/ridge: found -1/);
  });
  it('for scores are those of solvers that take scores', () => {
    regressionSolvers('lstsq,svr,gradient-flow,gaussian-process');
    for (const list of ['svc', 'lstsq,logistic', 'auto']) {
      expect(() => regressionSolvers(list)).toThrow(
        /fits scores: lstsq, gaussian-process, gradient-flow, svr\./,
      );
    }
  });
});
