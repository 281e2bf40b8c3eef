import { readFileSync } from 'node:fs';
import { type KernelSplit, ndarray } from '@ntk-lens/core';
import { expect, test } from 'vitest';
import { stratifiedFolds } from '../logistic/folds.js';
import { fitLinearProbe } from '../logistic/linear-probe.js';
import { createSolver } from '../select/create-solver.js';
import { predictedLabels } from '../select/predicted-labels.js';
import { largestDifference } from '../testing/random-split.js';
import { svcDecisions } from './svc.js';

interface SklearnCase {
  readonly seed: number;
  readonly classes: number;
  readonly C: number;
  readonly train: readonly (readonly number[])[];
  readonly test: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly svc: readonly number[];
  readonly svc_decision: readonly (readonly number[])[];
  readonly svr: readonly number[];
  readonly folds: readonly number[];
  readonly probe_C?: number;
  readonly probe_weights?: readonly (readonly number[])[];
  readonly probe_bias?: readonly number[];
  readonly logistic_C?: number;
  readonly logistic_decision?: readonly (readonly number[])[];
}

const { cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/sklearn.json', import.meta.url), 'utf8'),
) as {
  cases: SklearnCase[];
};

/** Two classes as one logit; more as a diagonal-by-logit kernel whose trace is `classes` times the example kernel. */
const splitOf = (golden: SklearnCase, queries: SklearnCase['train'], logits: number): KernelSplit => {
  const n = golden.train.length;
  const m = queries.length;
  const data = new Float64Array(n * logits * m * logits);
  for (const [i, x] of golden.train.entries()) {
    for (const [j, y] of queries.entries()) {
      const k = x.reduce((sum, value, p) => sum + value * y[p]!, 0);
      for (let c = 0; c < logits; c++) data[((i * logits + c) * m + j) * logits + c] = k / logits;
    }
  }
  const labels = queries === golden.train ? golden.labels : golden.svc;
  return {
    kernel: ndarray<'float64'>(data, [n, logits, m, logits]),
    logits: ndarray<'float64'>(new Float64Array(m * logits), [m, logits]),
    labels: ndarray<'int32'>(Int32Array.from(labels), [m]),
  };
};

for (const golden of cases) {
  const logits = golden.classes === 2 ? 1 : golden.classes;
  const train = splitOf(golden, golden.train, logits);
  const query = splitOf(golden, golden.test, logits);

  test(`svc of ${golden.classes} classes (C ${golden.C}): predictions and decisions of scikit-learn`, async () => {
    const svc = await createSolver({ solver: 'svc', penaltyC: golden.C }).fit(train);
    expect(Array.from(predictedLabels(svc.predict(query)).data)).toEqual(golden.svc);
    const decision = svcDecisions(svc, query);
    expect(decision.shape).toEqual([golden.test.length, golden.svc_decision[0]!.length]);
    expect(largestDifference(decision.data, golden.svc_decision.flat())).toBeLessThan(2e-3);
  });

  test(`svr with C ${golden.C} and epsilon 0.2: predictions of scikit-learn`, async () => {
    const single = splitOf(golden, golden.train, 1);
    const targets = ndarray<'float64'>(
      Float64Array.from(golden.labels, (label) => 2 * label - 1),
      [golden.labels.length, 1],
    );
    const svr = await createSolver({ solver: 'svr', penaltyC: golden.C, epsilon: 0.2 }).fit(single, {
      targets,
    });
    const { data, shape } = svr.predict(splitOf(golden, golden.test, 1));
    expect(shape).toEqual([golden.test.length, 1]);
    expect(largestDifference(data, golden.svr)).toBeLessThan(1e-3);
  });

  test(`folds of ${golden.labels.length} labels are scikit-learn's`, () => {
    expect(Array.from(stratifiedFolds(Int32Array.from(golden.labels), 5))).toEqual(golden.folds);
  });

  const { probe_weights: probeWeights, probe_bias: probeBias } = golden;
  if (probeWeights && probeBias) {
    test(`linear probe of ${golden.classes} classes: choice of C, weights and bias of scikit-learn`, async () => {
      const features = golden.train.flat();
      const probe = await fitLinearProbe(
        ndarray<'float64'>(Float64Array.from(features), [golden.labels.length, golden.train[0]!.length]),
        train.labels,
        { classes: golden.classes },
      );
      const split = (row: readonly number[]) => [...row.map((w) => -w / 2), ...row.map((w) => w / 2)];
      expect(probe.penaltyC).toBeCloseTo(golden.probe_C!, 8);
      const weights = golden.classes === 2 ? split(probeWeights[0]!) : probeWeights.flat();
      expect(largestDifference(probe.weights.data, weights)).toBeLessThan(1e-5);
      const bias = golden.classes === 2 ? split(probeBias) : probeBias;
      expect(largestDifference(probe.bias.data, bias)).toBeLessThan(1e-5);
    });
  }

  const { logistic_decision: logisticDecision } = golden;
  if (logisticDecision && golden.classes === 2) {
    test('logistic of two classes: choice of C and log-odds of scikit-learn', async () => {
      const solver = await createSolver({ solver: 'logistic' }).fit(train);
      expect(solver.solution.penaltyC).toBeCloseTo(golden.logistic_C!, 8);
      const odds = solver.predict(query).data.filter((_, i) => i % 2 === 1);
      expect(largestDifference(odds, logisticDecision.flat())).toBeLessThan(1e-3);
    });
  }
  if (logisticDecision && golden.classes > 2) {
    test(`logistic of ${golden.classes} classes: choice of C and logits of scikit-learn`, async () => {
      // The features of the diagonal-by-logit kernel are scikit-learn's divided by C, each in C orthogonal copies.
      const penaltyGrid = Array.from({ length: 10 }, (_, k) => golden.classes * 10 ** (-4 + (8 * k) / 9));
      const solver = await createSolver({ solver: 'logistic', penaltyGrid, optimizer: 'newton' }).fit(train);
      expect(solver.solution.penaltyC / golden.classes).toBeCloseTo(golden.logistic_C!, 8);
      const difference = largestDifference(solver.predict(query).data, logisticDecision.flat());
      expect(difference).toBeLessThan(5e-3);
    });
  }
}
