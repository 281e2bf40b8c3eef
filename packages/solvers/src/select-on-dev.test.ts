import { type KernelSplit, type NDArray, ndarray } from '@ntk-lens/core';
import { expect, test } from 'vitest';
import { f0ScaleGrid, ridgeGrid, solverGrid } from './grid.js';
import { predictedLabels } from './predicted-labels.js';
import { selectOnDev } from './select-on-dev.js';
import { goldenSplit } from './testing/golden.js';

const accuracy = (scores: NDArray<'float64'>, labels: NDArray<'int32'>): number => {
  const predicted = predictedLabels(scores).data;
  return predicted.filter((label, i) => label === labels.data[i]).length / labels.data.length;
};
const train = goldenSplit('binary', 'train');
const dev = goldenSplit('binary', 'test');
const candidates = solverGrid('lstsq', { ridge: ridgeGrid, f0Scale: f0ScaleGrid });

test('the chosen candidate is the best of the whole recorded path', async () => {
  const { rows, dev: best, spec, solver } = await selectOnDev({ train, dev, candidates, metric: accuracy });
  expect(rows).toHaveLength(25);
  expect(rows.filter(({ chosen }) => chosen)).toHaveLength(1);
  expect(best).toBe(Math.max(...rows.map((row) => row.dev ?? 0)));
  expect(accuracy(solver.predict(dev), dev.labels)).toBe(best);
  expect(candidates).toContain(spec);
  expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
});

test('ties go to no f0 and the largest ridge, whatever the order of the candidates', async () => {
  for (const order of [candidates, [...candidates].reverse()]) {
    const { spec } = await selectOnDev({ train, dev, candidates: order, metric: () => 0.5 });
    expect(spec).toEqual({ solver: 'lstsq', ridge: 1, f0Scale: Number.POSITIVE_INFINITY });
  }
});

test('a metric that is NaN is never chosen', async () => {
  let calls = 0;
  const metric = (): number => (calls++ === 3 ? 0.1 : Number.NaN);
  const { rows, dev: best } = await selectOnDev({ train, dev, candidates, metric });
  expect(best).toBe(0.1);
  expect(rows[3]?.chosen).toBe(true);
  expect(rows[0]?.dev).toBeNull();
});

test('an aborted search is cancelled', async () => {
  const signal = AbortSignal.abort();
  await expect(selectOnDev({ train, dev, candidates, metric: accuracy, signal })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
});

test('labels of one class only are refused', async () => {
  const labels = ndarray<'int32'>(new Int32Array(40), [40]);
  const oneClass: KernelSplit = { ...train, labels };
  await expect(selectOnDev({ train: oneClass, dev, candidates, metric: accuracy })).rejects.toMatchObject({
    code: 'ONE_CLASS',
  });
});
