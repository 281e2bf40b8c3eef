import { readFileSync } from 'node:fs';
import { BadArgumentError } from '@ntk-lens/core';
import { describe, expect, it } from 'vitest';
import { findTask } from '../registry/find-task.js';
import { accuracy, f1, matthews } from './classification.js';
import { pearson, spearman } from './correlation.js';
import { evaluate, goldOf } from './evaluate.js';
import { majorityBaseline } from './majority.js';
import { meanSd } from './mean-sd.js';

interface Golden {
  classification: { gold: number[]; predicted: number[]; accuracy: number; matthews: number; f1?: number }[];
  correlation: { gold: number[]; predicted: number[]; pearson: number; spearman: number }[];
  meanSd: { values: number[]; mean: number; sd: number };
}
const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/metrics.json', import.meta.url), 'utf8'),
) as Golden;

it.each(golden.classification)('classification metrics equal scikit-learn (case %#)', (c) => {
  expect(accuracy(c.predicted, c.gold)).toBeCloseTo(c.accuracy, 12);
  expect(matthews(c.predicted, c.gold)).toBeCloseTo(c.matthews, 12);
  if (c.f1 !== undefined) expect(f1(c.predicted, c.gold)).toBeCloseTo(c.f1, 12);
});

it.each(golden.correlation)('correlations equal SciPy (case %#)', (c) => {
  expect(pearson(c.predicted, c.gold)).toBeCloseTo(c.pearson, 12);
  expect(spearman(c.predicted, c.gold)).toBeCloseTo(c.spearman, 12);
});

it('mean and standard deviation have ddof 0', () => {
  const { mean, sd, count } = meanSd(golden.meanSd.values);
  expect(mean).toBeCloseTo(golden.meanSd.mean, 14);
  expect(sd).toBeCloseTo(golden.meanSd.sd, 14);
  expect(count).toBe(5);
  expect(() => meanSd([])).toThrow(BadArgumentError);
});

describe('degenerate predictions', () => {
  it('a constant prediction has correlation 0, whatever its value', () => {
    expect(pearson([0.1, 0.1, 0.1], [1, 2, 3])).toBe(0);
    expect(spearman([0.1, 0.1, 0.1], [1, 2, 3])).toBe(0);
    expect(matthews([1, 1], [0, 1])).toBe(0);
    expect(f1([0, 0], [0, 0])).toBe(0);
  });
  it('lengths that differ are refused', () => {
    for (const metric of [accuracy, f1, matthews, pearson, spearman]) {
      expect(() => metric([1], [1, 2])).toThrow(BadArgumentError);
      expect(() => metric([], [])).toThrow(BadArgumentError);
    }
  });
});

it('evaluate gives the metrics of the task, in its order', () => {
  const mrpc = findTask('MRPC');
  expect(Object.entries(evaluate(mrpc, [1, 1, 0, 0], [1, 0, 1, 1]))).toEqual([
    ['f1', 2 / 5],
    ['accuracy', 1 / 4],
  ]);
  expect(Object.keys(evaluate(findTask('STS-B'), [1, 2], [1, 2]))).toEqual(['pearson', 'spearman']);
  expect(Object.keys(evaluate(findTask('CoLA'), [1, 0], [1, 0]))).toEqual(['matthews']);
});

it('gold labels are indices in label order, or scores', () => {
  expect(goldOf(findTask('AG News'), [{ label: '4' }, { label: '1' }])).toEqual([3, 0]);
  expect(goldOf(findTask('STS-B'), [{ label: '3.8' }])).toEqual([3.8]);
  expect(() => goldOf(findTask('MNLI'), [{ label: 'maybe' }])).toThrow(/"maybe".*contradiction/);
});

it('the majority baseline predicts the most frequent label, the first on a tie, the mean for regression', () => {
  const sst2 = findTask('SST-2');
  expect(majorityBaseline(sst2, [0, 1, 1])).toEqual({ prediction: 1, scores: { accuracy: 2 / 3 } });
  expect(majorityBaseline(sst2, [1, 0, 1], [0, 1]).prediction).toBe(0);
  expect(majorityBaseline(sst2, [1, 0, 1], [0, 1]).scores.accuracy).toBeCloseTo(1 / 3, 15);
  expect(majorityBaseline(findTask('STS-B'), [1, 2, 6]).prediction).toBe(3);
});
