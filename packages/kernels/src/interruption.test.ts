import { CancelledError, type EncodedExample, type ProgressEvent } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { sampled } from '@ntk-lens/testing/sampled';
import { describe, expect, test } from 'vitest';
import { type FormulaName, formulaNames } from './formulas/index.js';
import { computeKernelBlocks, computeKernels, type KernelRequest, type Kernels } from './index.js';
import { openForTests } from './testing/open-for-tests.js';
import { oracleCase } from './testing/oracle-cases.js';

const { directory, examples, labelWordIds } = oracleCase('roberta');
const train: readonly EncodedExample[] = examples.slice(0, 3);
const queries = { test: examples.slice(3) };

const { runtime, model } = await openForTests(directory);

const compute = (formula: FormulaName, options: Partial<KernelRequest> = {}): Promise<Kernels> =>
  computeKernels({ model, runtime, formula, labelWordIds, labels: [2, 0, 1], train, queries, ...options });

test('progress counts up within each phase, to its total, and ends when the work ends', async () => {
  const events: ProgressEvent[] = [];
  await compute('sgd', { batchSize: 2, onProgress: (event) => events.push(event) });
  const phases = [...new Set(events.map(({ phase }) => phase))];
  expect(phases).toContain('forward');
  expect(phases.at(-1)).toBe('kernel');
  for (const phase of phases) {
    const reports = events.filter((event) => event.phase === phase);
    for (const [i, { done, total, unit }] of reports.entries()) {
      expect(done).toBeGreaterThan(reports[i - 1]?.done ?? 0);
      expect(unit).toBeTruthy();
      if (total !== undefined) expect(done).toBeLessThanOrEqual(total);
    }
    const { done, total } = reports.at(-1)!;
    if (total !== undefined) expect(done).toBe(total);
  }
});

describe('a cancelled computation', () => {
  test('that never began rejects and leaves nothing behind', async () => {
    await expect(compute('sgd', { signal: AbortSignal.abort() })).rejects.toThrow(CancelledError);
  });

  test.each(sampled(formulaNames, 2))(
    'rejects at any point and leaves nothing behind: %s',
    async (formula) => {
      let reports = 0;
      await compute(formula, { batchSize: 2, onProgress: () => reports++ });
      expect(reports).toBeGreaterThan(5);
      for (let stop = 1; stop < reports; stop += 3) {
        const controller = new AbortController();
        let seen = 0;
        const stopped = compute(formula, {
          batchSize: 2,
          signal: controller.signal,
          onProgress: () => {
            if (++seen === stop) controller.abort();
          },
        });
        await expect(stopped, `stopped at report ${stop}`).rejects.toThrow(CancelledError);
        expect(runtime.residentBytes, `stopped at report ${stop} of ${reports}`).toBe(0);
      }
    },
  );
});

test.each(sampled(['signgd', 'adam', 'cosine'], 1))(
  'a failure at any call of the runtime leaves nothing behind: %s',
  async (formula) => {
    /** The runtime, whose call number `failing` fails. */
    const fragile = (failing: number) => {
      let calls = 0;
      const count = <T>(call: () => Promise<T>): Promise<T> =>
        ++calls === failing ? Promise.reject(new Error('no memory')) : call();
      const wrapped: Runtime = {
        info: runtime.info,
        get residentBytes() {
          return runtime.residentBytes;
        },
        upload: (array) => count(() => runtime.upload(array)),
        download: (tensor) => count(() => runtime.download(tensor)),
        run: (program, inputs) => count(() => runtime.run(program, inputs)),
        compute: (program, inputs) => count(() => runtime.compute(program, inputs)),
        reclaim: (tensor) => runtime.reclaim(tensor),
        release: (tensors) => runtime.release(tensors),
        trim: (most) => count(() => runtime.trim(most)),
        close: async () => {},
      };
      return { wrapped, calls: () => calls };
    };
    const run = (chosen: Runtime) =>
      computeKernelBlocks(
        {
          model,
          runtime: chosen,
          labelWordIds,
          labels: [2, 0, 1],
          formula,
          train,
          queries,
          batchSize: 1,
        },
        'layer',
      );
    const sound = fragile(Number.POSITIVE_INFINITY);
    await run(sound.wrapped);
    expect(sound.calls()).toBeGreaterThan(100);
    for (let failing = 1; failing <= sound.calls(); failing += 17) {
      await expect(run(fragile(failing).wrapped), `call ${failing}`).rejects.toThrow('no memory');
      expect(runtime.residentBytes, `call ${failing}`).toBe(0);
    }
  },
);
