import { type KernelSplit, ndarray, type PerSplit, perSplit, rowsIn } from '@ntk-lens/core';
import { sampled } from '@ntk-lens/testing/sampled';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LargeKernel } from '../kernel/large-kernel.js';
import { solveKernel } from './solve-kernel.js';
import { solveLargeKernel } from './solve-large-kernel.js';

const FEATURES = 12;
const noise = (seed: number): number => {
  const x = Math.sin(seed * 12.9898) * 43758.5453;
  return x - Math.floor(x) - 0.5;
};

/** Kernels ΦΦᵀ whose first features depend on the label, of C outputs. */
const problem = (train: number, outputs: number): PerSplit<KernelSplit> => {
  const labelOf = (split: string, i: number) => (i + split.length) % Math.max(2, outputs);
  const feature = (split: string, i: number, c: number) =>
    Array.from({ length: FEATURES }, (_, k) => {
      const own = labelOf(split, i) === (outputs === 1 ? 1 : c);
      return (k === 0 && own ? 1 : 0) + noise(split.length * 1e4 + i * 131 + c * 17 + k);
    });
  const sizes = { train, dev: 24, test: 30 };
  return perSplit((split) => {
    const m = sizes[split];
    const of = (name: string, n: number) =>
      Array.from({ length: n * outputs }, (_, r) => feature(name, Math.floor(r / outputs), r % outputs));
    const [rows, columns] = [of('train', train), of(split, m)];
    const data = Float64Array.from(
      rows.flatMap((row) => columns.map((column) => row.reduce((sum, x, k) => sum + x * column[k]!, 0))),
    );
    return {
      kernel: ndarray<'float64'>(data, [train, outputs, m, outputs]),
      logits: ndarray<'float64'>(
        Float64Array.from({ length: m * outputs }, (_, i) => noise(i + 7)),
        [m, outputs],
      ),
      labels: ndarray<'int32'>(
        Int32Array.from({ length: m }, (_, i) => labelOf(split, i)),
        [m],
      ),
    };
  });
};

const largeOf = (splits: PerSplit<KernelSplit>, memory = 2 ** 30): LargeKernel => ({
  splits: perSplit((split) => {
    const { kernel, logits, labels } = splits[split];
    return { kernel: rowsIn(kernel), shape: kernel.shape, asymmetric: false, logits, labels };
  }),
  ...{ hasLogits: true, identity: {}, memory },
});

describe.each(sampled([1, 3], 1))('a kernel of %i outputs that is read by rows', (outputs) => {
  let splits: PerSplit<KernelSplit>;
  beforeEach(() => {
    splits = problem(40, outputs);
  });

  it('has the scores, the choice and the margins of a factorization in memory', async () => {
    const grids = { ridge: [0, 0.01, 0.1, 1], f0Scales: [10, null], solver: 'lstsq' };
    const found = await solveLargeKernel(largeOf(splits), { ...grids, tolerance: 1e-10 });
    const kernel = { splits, hasLogits: true, identity: {}, reused: false, save: async () => {} };
    const direct = await solveKernel(kernel, { ...grids, ridge: [0.01, 0.1, 1] });
    expect([found.dev, found.test, found.majority, found.zeroShot]).toEqual([
      ...[direct.dev, direct.test, direct.majority, direct.zeroShot],
    ]);
    expect([found.chosen['ridge'], found.chosen['f0Scale']]).toEqual([
      ...[direct.chosen['ridge'], direct.chosen['f0Scale']],
    ]);
    // A ridge of 0 needs the spectrum: it is left out.
    expect(found.search).toHaveLength(6);
    const scores = direct.fitted.predict(splits.test).data;
    const margins = found.predictions.kernel.margins!;
    const { marginsOf } = await import('./split-predictions.js');
    const expected = marginsOf(
      ndarray<'float64'>(scores, [30, scores.length / 30]),
      Array.from(splits.test.labels.data),
    );
    for (const [i, margin] of margins.entries()) expect(Math.abs(margin - expected[i]!)).toBeLessThan(1e-8);
  });

  it('goes on with its last iteration after a stop, to the same numbers', async () => {
    const kept = new Map<string, Readonly<Record<string, unknown>>>();
    const store = {
      read: async (name: string) => structuredClone(kept.get(name)) as never,
      write: async (name: string, arrays: Readonly<Record<string, unknown>>) =>
        void kept.set(name, structuredClone(arrays)),
    };
    const grids = { ridge: [0.001], f0Scales: [null], tolerance: 1e-12 };
    const expected = await solveLargeKernel(largeOf(splits), grids);
    const stop = new AbortController();
    const onProgress = ({ phase, done }: { phase: string; done: number }) =>
      void (phase === 'conjugate gradients' && done === 1 && stop.abort());
    await solveLargeKernel(largeOf(splits), { ...grids, store, signal: stop.signal, onProgress }).catch(
      () => undefined,
    );
    expect(kept.size).toBeGreaterThan(0);
    const again = await solveLargeKernel(largeOf(splits), { ...grids, store });
    expect(again.found.coefficients).toEqual(expected.found.coefficients);
  });

  it('refuses what needs it in memory, and a budget without room for vectors, before any work', async () => {
    const attempt = (options: object, large = largeOf(splits)) => {
      const untouched = {
        ...large,
        splits: perSplit((split) => ({
          ...large.splits[split],
          kernel: {
            shape: large.splits[split].kernel.shape,
            read: async () => {
              throw new Error('A row was read.');
            },
          },
        })),
      };
      return solveLargeKernel(untouched, options);
    };
    await expect(attempt({ solver: 'svc' })).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    await expect(attempt({ method: 'direct' })).rejects.toMatchObject({ code: 'CONFLICTING_OPTIONS' });
    await expect(attempt({ ridge: [0] })).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    const large = largeOf(splits);
    const { train } = large.splits;
    const asymmetric = { ...large, splits: { ...large.splits, train: { ...train, asymmetric: true } } };
    await expect(attempt({}, asymmetric)).rejects.toMatchObject({ code: 'LARGE_KERNEL' });
    const small = attempt({}, largeOf(splits, 2 ** 20));
    await expect(small).rejects.toMatchObject({ code: 'LARGE_KERNEL' });
    const least = await small.catch((error: Error) => /at least (\d+) MiB/.exec(error.message)?.[1]);
    await expect(attempt({}, largeOf(splits, Number(least) * 2 ** 20))).rejects.toThrow('A row was read.');
  });

  it('that is not symmetric, or holds a number that is none, is refused', async () => {
    const { data } = splits.train.kernel;
    data[3]! += 1;
    await expect(solveLargeKernel(largeOf(splits))).rejects.toMatchObject({ code: 'ASYMMETRIC_KERNEL' });
    data[3] = Number.NaN;
    await expect(solveLargeKernel(largeOf(splits))).rejects.toMatchObject({ code: 'NON_FINITE_KERNEL' });
  });
});
