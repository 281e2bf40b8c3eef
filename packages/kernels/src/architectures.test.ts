import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NDArray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { loadModel } from '@ntk-lens/models';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  architectureCase,
  architectureNames,
  relativeDifference,
} from '../../models/src/testing/architecture-cases.js';
import { computeKernels } from './compute-kernels.js';
import type { MemoryBudgetError } from './errors.js';
import type { FormulaName } from './formulas/index.js';
import { openTileStore } from './node/tile-directory.js';
import { testRuntime } from './testing/test-runtime.js';

describe('kernels of every architecture equal a float64 Jacobian oracle', () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ runtime: testRuntime });
  });
  afterAll(() => runtime.close());

  for (const name of sampled(architectureNames, 5)) {
    for (const formula of ['sgd', 'signgd', 'a-signgd'] as const satisfies FormulaName[]) {
      test(`${name}, ${formula}`, async () => {
        const { directory, examples, labelWordIds, kernels, nearZero } = architectureCase(name);
        const model = await loadModel(directory);
        // A third of the examples are queries, so that every kind of block is compared.
        const count = Math.ceil((examples.length * 2) / 3);
        const [train, test_] = [examples.slice(0, count), examples.slice(count)];
        const found = await computeKernels({
          model,
          runtime,
          labelWordIds,
          formula,
          train,
          queries: { test: test_ },
          batchSize: 2,
        });
        await model.close();
        const oracle = kernels[formula];
        const compare = (array: NDArray, from: number, flip: boolean) => {
          const expected = block(oracle, count, from, array.shape[2]!, flip);
          if (formula === 'signgd') {
            // One sign that float32 sees differently changes an entry by at most 2.
            let largest = 0;
            for (const [i, x] of expected.data.entries())
              largest = Math.max(largest, Math.abs(array.data[i]! - x));
            expect(largest).toBeLessThanOrEqual(2 * nearZero);
          } else expect(relativeDifference(array, expected)).toBeLessThan(1e-5);
        };
        compare(found.train.kernel, 0, false);
        compare(found.test!.kernel, count, false);
        if (formula === 'a-signgd') {
          compare(found.train.flipped!, 0, true);
          compare(found.test!.flipped!, count, true);
        }
      });
    }
  }
});

/** Rows 0 … rows and columns from … from + columns of K `[n, C, n, C]`; or of its transpose. */
const block = (
  kernel: NDArray,
  rows: number,
  from: number,
  columns: number,
  flip: boolean,
): NDArray<'float64'> => {
  const [n, c] = kernel.shape as [number, number];
  const data = new Float64Array(rows * c * columns * c);
  let at = 0;
  for (let i = 0; i < rows * c; i++) {
    for (let j = from * c; j < (from + columns) * c; j++) {
      data[at++] = kernel.data[flip ? j * n * c + i : i * n * c + j]!;
    }
  }
  return { dtype: 'float64', shape: [rows, c, columns, c], data };
};

test('a memory budget that forces many passes changes nothing but rounding, and stored tiles are reused', async () => {
  const runtime = await createRuntime({ runtime: testRuntime });
  const { directory, examples, labelWordIds } = architectureCase('bert');
  const model = await loadModel(directory);
  const request = {
    model,
    runtime,
    labelWordIds,
    train: examples.slice(0, 3),
    queries: { test: examples.slice(3) },
    batchSize: 1,
  };
  for (const formula of ['sgd', 'signgd', 'a-signgd'] as const) {
    const whole = await computeKernels({ ...request, formula });
    const directory_ = await mkdtemp(join(tmpdir(), 'tiles-'));
    // The smallest budget that works: one row and one column at a time.
    const smallest = await computeKernels({ ...request, formula, memory: 1 }).then(
      () => Number.NaN,
      (error: MemoryBudgetError) => error.smallest,
    );
    const store = await openTileStore(directory_, { formula });
    const cut = await computeKernels({ ...request, formula, memory: smallest, store });
    // At least one pass a row.
    expect(
      (await readdir(directory_)).filter((name) => /^sum-\d+\.json$/.test(name)).length,
    ).toBeGreaterThanOrEqual(3);
    const again = await computeKernels({ ...request, formula, memory: smallest, store });
    expect(again).toEqual(cut);
    for (const split of ['train', 'test'] as const) {
      expect(relativeDifference(cut[split]!.kernel, whole[split]!.kernel)).toBeLessThan(1e-6);
      if (formula === 'a-signgd')
        expect(relativeDifference(cut[split]!.flipped!, whole[split]!.flipped!)).toBeLessThan(1e-6);
    }
  }
  expect(runtime.residentBytes).toBe(0);
  await model.close();
  await runtime.close();
});
