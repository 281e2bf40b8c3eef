import { type KernelSplit, ndarray } from '@ntk-lens/core';
import { createSolver, solverNames } from '@ntk-lens/solvers';
import { describe, expect, it } from 'vitest';
import { defaultRunConfig } from '../options/run-config.js';
import { solveSplits, zeroShotLabels } from './solve-splits.js';
import { knownSolvers, type SolverGrids, solverCandidates } from './solver-candidates.js';

const { ridge, f0Scales } = defaultRunConfig;

/** Points x on a line with label x > 0 and one output: kernel 1 + x x', logits of a model that says the opposite. */
const line = (train: readonly number[], points: readonly number[]): KernelSplit => ({
  kernel: ndarray<'float64'>(Float64Array.from(train.flatMap((a) => points.map((b) => 1 + a * b))), [
    train.length,
    1,
    points.length,
    1,
  ]),
  logits: ndarray<'float64'>(
    Float64Array.from(points, (x) => -x),
    [points.length, 1],
  ),
  labels: ndarray<'int32'>(
    Int32Array.from(points, (x) => (x > 0 ? 1 : 0)),
    [points.length],
  ),
});

describe('solving', () => {
  it('compares majority, zero-shot and kernel, chosen on dev', async () => {
    const train = [-3, -2, -1, 1, 2, 3];
    const splits = {
      train: line(train, train),
      dev: line(train, [-2.5, 1.5, 0.7, -0.4]),
      test: line(train, [-1.5, -0.5, 2.5, 1, 2]),
    };
    const request = {
      metrics: ['accuracy', 'f1'],
      solver: 'lstsq',
      ridge,
      f0Scales,
      hasLogits: true,
    } as const;
    const { majority, zeroShot, kernel } = await solveSplits(splits, request);
    expect(majority.test.accuracy).toBe(0.6);
    expect(zeroShot?.test.accuracy).toBe(0);
    expect([kernel.dev.accuracy, kernel.test.accuracy, kernel.test.f1]).toEqual([1, 1, 1]);
    expect(kernel.search).toHaveLength(25);
    expect(kernel.search.filter(({ chosen }) => chosen)).toHaveLength(1);
    // Everything reaches 100 % on dev here: the simplest is taken.
    expect(kernel.chosen).toEqual({ ridge: 1, f0Scale: null });
  });
  it('reads the zero-shot answer off the logits: the largest, or the sign of the difference in binary mode', () => {
    const of = (values: readonly number[], width: number) =>
      Array.from(
        zeroShotLabels(ndarray<'float64'>(Float64Array.from(values), [values.length / width, width])),
      );
    expect(of([0.1, -2, 3], 1)).toEqual([1, 0, 1]);
    expect(of([0, 1, 0, 5, 1, 2], 3)).toEqual([1, 0]);
  });
});

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
  it('of an unknown solver are refused with the list', () => {
    expect(() => knownSolvers('lstsq,magic')).toThrow(/lstsq, .*asym/);
  });
});
