import { isNtkLensError, type KernelSplit, ndarray } from '@ntk-lens/core';
import fc from 'fast-check';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { IndefiniteKernelError, NonFiniteKernelError } from '../errors.js';
import { createSolver, solverFromJSON } from '../select/create-solver.js';
import { goldenSplit } from '../testing/golden.js';
import { largestDifference, randomNumbers, randomProblem } from '../testing/random-split.js';
import { type SolverSpec, solverNames } from './index.js';

const shape = { examples: 8, logits: 2, queries: 4, features: 40, seed: 9 };
const { train, test: query } = randomProblem(shape);
const { train: binaryTrain } = randomProblem({ ...shape, logits: 1 });

const withKernel = (split: KernelSplit, change: (data: Float64Array) => void): KernelSplit => {
  const data = split.kernel.data.slice();
  change(data);
  return { ...split, kernel: ndarray<'float64'>(data, split.kernel.shape) };
};

describe.each(solverNames)('%s refuses', (solver) => {
  const make = () => createSolver({ solver } as SolverSpec);
  const usable = solver === 'asym' ? binaryTrain : train;

  test('a kernel that is not finite, and says where', async () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const broken = withKernel(usable, (data) => {
        data[data.length - 2] = value;
      });
      const error = await make()
        .fit(broken)
        .catch((e: unknown) => e);
      expect(error).toBeInstanceOf(NonFiniteKernelError);
      const index = usable === train ? '[7, 1, 7, 0]' : '[7, 0, 6, 0]';
      expect((error as Error).message).toContain(index);
    }
  });

  test('a kernel of zeros, and one whose squares overflow', async () => {
    for (const value of [0, 1e200]) {
      const broken = withKernel(usable, (data) => data.fill(value));
      await expect(make().fit(broken)).rejects.toMatchObject({ code: 'KERNEL_RANGE' });
    }
  });

  test('a train kernel that is not square', async () => {
    await expect(make().fit(query)).rejects.toMatchObject({ code: 'KERNEL_SHAPE' });
  });

  test('labels that do not fit and labels of one class', async () => {
    for (const [labels, code] of [
      [[0, 1, 2, 0, 1, 0, 1, 0], 'LABELS_DO_NOT_FIT'],
      [[0, 1, -1, 0, 1, 0, 1, 0], 'LABELS_DO_NOT_FIT'],
      [[1, 1, 1, 1, 1, 1, 1, 1], 'ONE_CLASS'],
    ] as const) {
      const relabelled = { ...usable, labels: ndarray<'int32'>(Int32Array.from(labels), [8]) };
      await expect(make().fit(relabelled)).rejects.toMatchObject({ code });
    }
  });

  test('splits of another run, and prediction before fitting', async () => {
    expect(() => make().predict(usable)).toThrow(expect.objectContaining({ code: 'NOT_FITTED' }));
    expect(() => make().toJSON()).toThrow(expect.objectContaining({ code: 'NOT_FITTED' }));
    const fitted = await make().fit(usable);
    const other = randomProblem({ ...shape, logits: usable === train ? 2 : 1, examples: 9 });
    expect(() => fitted.predict(other.test)).toThrow(expect.objectContaining({ code: 'MISMATCHED_SPLIT' }));
    const few = { ...usable, labels: ndarray<'int32'>(new Int32Array(3), [3]) };
    expect(() => fitted.predict(few)).toThrow(expect.objectContaining({ code: 'KERNEL_SHAPE' }));
  });

  test('JSON of something else', () => {
    for (const json of [null, 1, [], {}, { format: 'ntk-lens-solver', version: 2, solver }]) {
      expect(() => solverFromJSON(json)).toThrow(expect.objectContaining({ code: 'SOLVER_JSON' }));
    }
  });
});

test('an asymmetric kernel is refused unless it is said to be one', async () => {
  const asymmetric = withKernel(train, (data) => {
    data[1]! += 0.01;
  });
  await expect(createSolver({ solver: 'lstsq' }).fit(asymmetric)).rejects.toMatchObject({
    code: 'ASYMMETRIC_KERNEL',
  });
  const rounding = withKernel(train, (data) => {
    data[1]! += 1e-9;
  });
  expect((await createSolver({ solver: 'lstsq' }).fit(rounding)).diagnostics?.asymmetry).toBeGreaterThan(0);
  const norm = new SingularValueDecomposition(Matrix.from1DArray(16, 16, asymmetric.kernel.data)).norm2;
  for (const ridge of [0, 0.1]) {
    const solver = await createSolver({ solver: 'lstsq', symmetric: false, ridge }).fit(asymmetric);
    const shift = ridge * norm;
    const a = solver.solution.coefficients;
    const residual = Array.from({ length: 16 }, (_, r) => {
      const row = asymmetric.kernel.data.subarray(16 * r, 16 * r + 16);
      const label = train.labels.data[r >> 1] === r % 2 ? 1 : 0;
      return row.reduce((sum, k, j) => sum + k * a[j]!, shift * a[r]!) - label;
    });
    expect(Math.max(...residual.map(Math.abs))).toBeLessThan(1e-9);
  }
});

test('an indefinite kernel is reported with its most negative eigenvalue, and solved on request', async () => {
  const indefinite = withKernel(train, (data) => {
    for (let i = 0; i < 16; i++) data[i * 17]! -= 2;
  });
  const error = await createSolver({ solver: 'lstsq' })
    .fit(indefinite)
    .catch((e: unknown) => e);
  expect(error).toBeInstanceOf(IndefiniteKernelError);
  const least = (await createSolver({ solver: 'lstsq' }).fit(train)).diagnostics!.smallestEigenvalue;
  expect((error as IndefiniteKernelError).mostNegativeEigenvalue).toBeCloseTo(least - 2, 9);
  const solved = await createSolver({ solver: 'lstsq', allowIndefinite: true }).fit(indefinite);
  expect(solved.diagnostics?.smallestEigenvalue).toBeCloseTo(least - 2, 9);
  for (let i = 0; i < 8; i++) {
    expect(solved.predict(indefinite).data[2 * i + train.labels.data[i]!]).toBeCloseTo(1, 8);
  }
});

test('asym needs the flipped kernel and one logit', async () => {
  const solver = await createSolver({ solver: 'asym' }).fit(goldenSplit('asym', 'train'));
  const { flipped: _, ...unflipped } = goldenSplit('asym', 'test');
  expect(() => solver.predict(unflipped)).toThrow(
    expect.objectContaining({ code: 'MISSING_FLIPPED_KERNEL' }),
  );
  await expect(createSolver({ solver: 'asym' }).fit(train)).rejects.toMatchObject({
    code: 'SINGLE_OUTPUT_ONLY',
  });
});

test('asym solves the singular system 1/γ = σ by minimum norm, with a warning', async () => {
  const kernel = ndarray<'float64'>(Float64Array.of(1, 0, 0, 1), [2, 1, 2, 1]);
  const split: KernelSplit = {
    kernel,
    flipped: kernel,
    logits: ndarray<'float64'>(new Float64Array(2), [2, 1]),
    labels: ndarray<'int32'>(Int32Array.of(0, 1), [2]),
  };
  const solver = await createSolver({ solver: 'asym', gamma: 1 }).fit(split);
  expect(solver.warnings.map(({ code }) => code)).toEqual(['SINGULAR_SYSTEM']);
  expect(largestDifference(solver.predict(split).data, [0.5, -0.5, -0.5, 0.5])).toBeLessThan(1e-12);
});

test('fewer examples than folds: a warning, not a crash', async () => {
  const { train: small, test: rest } = randomProblem({ ...shape, logits: 1, examples: 6 });
  for (const [labels, folds] of [
    [[0, 1, 0, 1, 0, 1], 3],
    [[0, 0, 0, 0, 1, 1], 4],
    [[0, 0, 0, 0, 0, 1], 0],
  ] as const) {
    const split = { ...small, labels: ndarray<'int32'>(Int32Array.from(labels), [6]) };
    const solver = await createSolver({ solver: 'logistic' }).fit(split);
    expect(solver.warnings[0]?.code).toBe('FEWER_EXAMPLES_THAN_FOLDS');
    expect(solver.warnings[0]?.message).toContain(folds === 0 ? 'no cross-validation' : `${folds} folds`);
    expect(solver.predict(rest).data.every(Number.isFinite)).toBe(true);
  }
});

test('options out of range are refused', () => {
  const refused: (() => unknown)[] = [
    () => createSolver({ solver: 'lstsq', ridge: -1 }),
    () => createSolver({ solver: 'lstsq', ridge: Number.NaN }),
    () => createSolver({ solver: 'lstsq', f0Scale: 0 }),
    () => createSolver({ solver: 'asym', gamma: 0 }),
    () => createSolver({ solver: 'asym', kappa: 1.5 }),
    () => createSolver({ solver: 'logistic', folds: 1 }),
    () => createSolver({ solver: 'logistic', penaltyGrid: [] }),
    () => createSolver({ solver: 'gradient-flow', loss: 'cross-entropy', time: Number.POSITIVE_INFINITY }),
    () => createSolver({ solver: 'svc', f0Scale: 10 } as SolverSpec),
    () => createSolver({ solver: 'kernel-logistic', ridge: 0 }),
    () => createSolver({ solver: 'nearest' } as unknown as SolverSpec),
  ];
  for (const make of refused) expect(make).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
});

test('own targets: raw predictions from regressors, refused by classifiers', async () => {
  const targets = ndarray<'float64'>(
    Float64Array.from({ length: 8 }, (_, i) => i / 3),
    [8, 1],
  );
  const fitted = await createSolver({ solver: 'lstsq' }).fit(binaryTrain, { targets });
  const { shape: out, data } = fitted.predict(binaryTrain);
  expect(out).toEqual([8, 1]);
  expect(largestDifference(data, targets.data)).toBeLessThan(1e-8);
  for (const solver of ['svc', 'logistic', 'kernel-logistic'] as const) {
    await expect(createSolver({ solver }).fit(binaryTrain, { targets })).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
    });
  }
});

test.each(solverNames)('%s: a JSON round trip keeps predictions, options and diagnostics', async (solver) => {
  const logits = solver === 'asym' ? 1 : 2;
  const problem = randomProblem({ ...shape, logits, examples: 12 });
  const flipped = { ...problem.test, flipped: problem.test.kernel };
  const fitted = await createSolver({ solver } as SolverSpec).fit(problem.train);
  const copy = solverFromJSON(JSON.parse(JSON.stringify(fitted)));
  expect(largestDifference(copy.predict(flipped).data, fitted.predict(flipped).data)).toBe(0);
  expect(copy.diagnostics).toEqual(fitted.diagnostics);
  expect(copy.warnings).toEqual(fitted.warnings);
  expect(copy.toJSON()).toEqual(fitted.toJSON());
});

test('any splits and mutations: a prediction that is finite or a typed error', async () => {
  let solved = 0;
  const seen = new Set<string>();
  const numbers = fc.oneof(
    { weight: 12, arbitrary: fc.double({ min: -5, max: 5, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 1e308, -1e308, 0, 5e-324) },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...solverNames),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.tuple(fc.nat(), numbers), { maxLength: 3 }),
      fc.array(fc.integer({ min: 0, max: 24 }), { minLength: 5, maxLength: 5 }),
      fc.nat(),
      async (solver, examples, logits, mutations, labelChoice, seed) => {
        const next = randomNumbers(seed);
        const size = examples * logits;
        const phi = Float64Array.from({ length: size * size }, next);
        const data = new Float64Array(size * size);
        for (let i = 0; i < size; i++) {
          for (let j = 0; j < size; j++) {
            for (let p = 0; p < size; p++) data[i * size + j]! += phi[i * size + p]! * phi[j * size + p]!;
          }
        }
        for (const [at, value] of mutations) {
          const [i, j] = [at % size, Math.floor(at / size) % size];
          data[i * size + j] = data[j * size + i] = value;
        }
        const kernel = ndarray<'float64'>(data, [examples, logits, examples, logits]);
        const split: KernelSplit = {
          kernel,
          logits: ndarray<'float64'>(new Float64Array(size), [examples, logits]),
          labels: ndarray<'int32'>(
            Int32Array.from(labelChoice.slice(0, examples), (v) => (v === 24 ? -1 : v % Math.max(2, logits))),
            [examples],
          ),
        };
        try {
          const fitted = await createSolver({ solver } as SolverSpec).fit(split);
          const { data: scores } = fitted.predict({ ...split, flipped: kernel });
          expect(scores.some(Number.isNaN)).toBe(false);
          solved++;
        } catch (error) {
          if (!isNtkLensError(error)) throw error;
          seen.add(error.code);
        }
      },
    ),
    { numRuns: 400 },
  );
  expect(solved).toBeGreaterThan(30);
  expect(seen.size).toBeGreaterThan(2);
});
