import type { EncodedExample } from '@ntk-lens/core';
import { expect, test } from 'vitest';
import { computeKernels } from '../index.js';
import { openForTests } from '../testing/open-for-tests.js';
import { oracleCase } from '../testing/oracle-cases.js';

const { directory, labelWordIds } = oracleCase('bert');
const { runtime, model } = await openForTests(directory);

/** Every example has tokens of its own, and several have each length. */
const examples = Array.from({ length: 70 }, (_, i): EncodedExample => {
  const length = 4 + (i % 3);
  return { inputIds: Array.from({ length }, (_, t) => 5 + ((7 * i + 3 * t * t) % 40)), position: i % length };
});
const some = [0, 20, 38, 41, 69];

test.each(['sgd', 'signgd', 'a-signgd'])(
  'more gradients than are put side by side are multiplied as few of them are: %s',
  async (formula) => {
    const request = { model, runtime, formula, labelWordIds: labelWordIds.slice(0, 2), batchSize: 4 };
    const few = some.map((i) => examples[i]!);
    const known = await computeKernels({ ...request, train: few, queries: { test: few } });
    const found = await computeKernels({ ...request, train: examples, queries: { test: examples } });
    for (const split of ['train', 'test'] as const) {
      const [small, large] = [known[split]!.kernel, found[split]!.kernel];
      const largest = small.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      for (const [k, i] of some.entries())
        for (const [l, j] of some.entries())
          for (const a of [0, 1])
            for (const b of [0, 1]) {
              const same = small.data[((k * 2 + a) * some.length + l) * 2 + b]!;
              const value = large.data[((i * 2 + a) * examples.length + j) * 2 + b]!;
              expect(Math.abs(value - same) / largest).toBeLessThan(formula === 'sgd' ? 1e-5 : 5e-3);
            }
    }
  },
);
