import { BadArgumentError, CancelledError, ndarray } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConvergenceError } from '../errors.js';
import { decomposeSymmetric, throughSpectrum } from '../linalg/symmetric-eigen.js';
import { createSolver } from '../select/create-solver.js';
import { randomGram, randomVector, squareOperator } from '../testing/random-operator.js';
import { largestDifference, randomProblem } from '../testing/random-split.js';
import { norm } from './columns.js';
import { conjugateGradients, denseOperator, nystrom, requireSolved } from './index.js';

/** (K + shift · I)⁻¹ y from all eigenvectors. */
const direct = async (k: Float64Array, size: number, shift: number, y: Float64Array) =>
  throughSpectrum(
    await decomposeSymmetric(k, size),
    y,
    (component, value) => component / (value + shift),
    {},
  );

test('solutions are those of the spectrum, with or without an approximation, one by one or together', async () => {
  const numbers = fc.record({
    size: fc.integer({ min: 1, max: 40 }),
    features: fc.integer({ min: 1, max: 50 }),
    seed: fc.nat(1000),
    sketch: fc.integer({ min: 1, max: 60 }),
  });
  await fc.assert(
    fc.asyncProperty(numbers, async ({ size, features, seed, sketch }) => {
      const k = randomGram(size, features, seed);
      const operator = squareOperator(k, size);
      const systems = [1, 0.05].map((shift, i) => ({ shift, right: randomVector(size, seed + i) }));
      const approximation = await nystrom(operator, sketch, seed);
      for (const options of [{}, { approximation }]) {
        const found = await conjugateGradients(operator, systems, { ...options, tolerance: 1e-10 });
        for (const [i, { shift, right }] of systems.entries()) {
          const { x, converged, residual } = found[i]!;
          const expected = await direct(k, size, shift, right);
          expect(converged).toBe(true);
          expect(residual).toBeLessThanOrEqual(1e-10);
          expect(largestDifference(x, expected)).toBeLessThan(1e-7 * Math.max(1, norm(expected)));
        }
      }
    }),
    { numRuns: 10 },
  );
});

test('an approximation has orthonormal vectors, is exact where the rank is small, and makes iterations few', async () => {
  const small = squareOperator(randomGram(60, 5, 1), 60);
  const { vectors, values } = await nystrom(small, 10, 3);
  expect(vectors).toHaveLength(5);
  for (const [i, u] of vectors.entries()) {
    for (const [j, v] of vectors.entries())
      expect(u.reduce((sum, x, k) => sum + x * v[k]!, 0)).toBeCloseTo(Number(i === j), 8);
    const image = await small.matvec(u);
    expect(
      largestDifference(
        image,
        u.map((x) => values[i]! * x),
      ),
    ).toBeLessThan(1e-8 * values[0]!);
  }
  const operator = squareOperator(randomGram(100, 100, 2, 1), 100);
  const systems = [{ shift: 1e-4, right: randomVector(100, 5) }];
  const [plain] = await conjugateGradients(operator, systems);
  const approximation = await nystrom(operator, 24, 0);
  const [few] = await conjugateGradients(operator, systems, { approximation });
  expect(few!.iterations).toBeLessThan(plain!.iterations / 2);
});

test('systems of zeros need no iteration, and those that do not converge say what is left', async () => {
  const operator = squareOperator(randomGram(30, 30, 1), 30);
  const [nothing] = await conjugateGradients(operator, [{ shift: 1, right: new Float64Array(30) }]);
  expect(nothing).toMatchObject({ iterations: 0, residual: 0, converged: true });
  const systems = [{ shift: 1e-6, right: randomVector(30, 2) }];
  const [short] = await conjugateGradients(operator, systems, { maxIterations: 2 });
  expect(short).toMatchObject({ iterations: 2, converged: false });
  expect(() => requireSolved(short!, 1e-7)).toThrow(ConvergenceError);
  expect(() => requireSolved(short!, 1e-7)).toThrow(
    /did not converge within 2 iterations\. Found a residual of .*expected at most 1e-7\. Choose a larger ridge/,
  );
});

test('bad options are refused, and a signal ends the iterations', async () => {
  const operator = squareOperator(randomGram(30, 30, 1), 30);
  const systems = [{ shift: 1, right: randomVector(30, 2) }];
  for (const options of [{ tolerance: 0 }, { maxIterations: 1.5 }])
    await expect(conjugateGradients(operator, systems, options)).rejects.toThrow(BadArgumentError);
  const wide = denseOperator(ndarray<'float64'>(new Float64Array(6), [2, 3]));
  await expect(conjugateGradients(wide, systems)).rejects.toThrow('a square one');
  const stop = new AbortController();
  const onProgress = () => stop.abort();
  const cancelled = conjugateGradients(operator, systems, { signal: stop.signal, onProgress });
  await expect(cancelled).rejects.toThrow(CancelledError);
});

test('lstsq by conjugate gradients is lstsq, and needs a ridge and a symmetric kernel', async () => {
  const { train, test: queries } = randomProblem({
    examples: 40,
    logits: 2,
    queries: 9,
    features: 60,
    seed: 4,
  });
  for (const ridge of [0.01, 0.5]) {
    const [iterated, expected] = [
      await createSolver({ solver: 'lstsq', ridge, method: 'cg', f0Scale: 10 }).fit(train),
      await createSolver({ solver: 'lstsq', ridge, f0Scale: 10 }).fit(train),
    ];
    expect(iterated.solution.iterations).toBeGreaterThan(0);
    expect(largestDifference(iterated.predict(queries).data, expected.predict(queries).data)).toBeLessThan(
      1e-8,
    );
  }
  expect(() => createSolver({ solver: 'lstsq', ridge: 0, method: 'cg' })).toThrow(
    'a number above 0 for the method cg',
  );
  await expect(createSolver({ solver: 'lstsq', method: 'cg' }).fit(train)).rejects.toThrow(BadArgumentError);
  const asymmetric = createSolver({ solver: 'lstsq', method: 'cg', ridge: 1, symmetric: false }).fit(train);
  await expect(asymmetric).rejects.toThrow('"direct" for a kernel that is not symmetric');
});
