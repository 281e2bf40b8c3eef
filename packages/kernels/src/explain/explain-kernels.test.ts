import { type Runtime, totalWork } from '@ntk-lens/engine';
import { expect, test } from 'vitest';
import { computeKernels, explainKernels } from '../index.js';
import { openForTests } from '../testing/open-for-tests.js';
import { oracleCase } from '../testing/oracle-cases.js';

const { directory, examples, labelWordIds } = oracleCase('bert');
const { runtime, model } = await openForTests(directory);

/** A runtime that counts its runs, apart from those that only join tensors. */
const counting = () => {
  let count = 0;
  const counted = new Proxy(runtime, {
    get: (target, name: keyof Runtime) => {
      const value = target[name];
      if (typeof value !== 'function') return value;
      const call = value.bind(target) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        if (name === 'run' || name === 'compute')
          count += /^join/.test((args[0] as { name: string }).name) ? 0 : 1;
        return call(...args);
      };
    },
  });
  return { runtime: counted, runs: () => count };
};

test('a forecast counts the runs that a kernel makes', async () => {
  for (const binary of [true, false]) {
    const request = {
      ...{ model, formula: 'sgd', labelWordIds: labelWordIds.slice(0, 2), binary, batchSize: 2 },
      ...{ train: examples.slice(0, 3), queries: { test: examples.slice(3) } },
    };
    const { runtime: counted, runs } = counting();
    await computeKernels({ ...request, runtime: counted });
    const { work } = explainKernels(request);
    expect(totalWork(Object.values(work)).runs).toBe(runs());
  }
});
