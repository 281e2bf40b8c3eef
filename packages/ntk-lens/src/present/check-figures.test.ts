import type { OptimizerMeasurement } from '@ntk-lens/lens';
import { expect, it } from 'vitest';
import type { CheckedExperiment } from '../run/check/check-experiment.js';
import { checkFigures } from './check-figures.js';

/** What figures read of a measurement, made up: errors and kernel changes grow with the step, for Adam by more. */
const measured = (optimizer: 'sgd' | 'adam', seed: number): OptimizerMeasurement => {
  const by = (optimizer === 'sgd' ? 0.001 : 0.006) * (1 + seed / 10);
  const score = (step: number) => ({ step, error: { relative: by * step } });
  const margins = Array.from({ length: 40 }, (_, i) => Math.sin(i + seed) * 3);
  return {
    ...{ shots: 16, seed, optimizer, learningRate: 1, batchSize: 8, kernels: [] },
    end: score(50),
    margins: {
      start: margins.map((m, i) => m / 2 + Math.cos(5 * i)),
      linearized: margins.map((m, i) => m + by * 100 * Math.cos(7 * i)),
      tuned: margins,
    },
    path: [1, 13, 50, 100].map(score),
    steps: [1, 13, 50, 100].map((to) => ({ to, error: { relative: by } })),
    features: {
      formula: optimizer === 'sgd' ? 'sgd' : 'signgd',
      points: [1, 13, 50, 100, 50].map((step) => ({
        step,
        change: { frobenius: by * step ** 0.7 },
        layers: {
          head: { frobenius: by * step },
          'layer.5': { frobenius: by * step ** 0.5 },
          'layer.0': { frobenius: by * step ** 0.8 },
        },
      })),
    },
  } as unknown as OptimizerMeasurement;
};

const experiment = (seeds: readonly number[], labels = ['negative', 'positive']): CheckedExperiment => {
  const chi = (shift: number) => Array.from({ length: 50 }, (_, i) => Math.abs(Math.sin(i + shift)));
  return {
    config: { check: { optimizers: ['sgd', 'adam'] }, run: { seeds } },
    task: { name: 'sentiment', labels },
    model: { name: 'my_model' },
    natural: seeds.map((seed) => {
      const ways = { prompt: chi(seed), 'random head': chi(seed + 0.5), 'linear probe': chi(seed + 0.2) };
      return { test: ways, train: ways };
    }),
    optimizers: seeds.flatMap((seed) => [measured('sgd', seed), measured('adam', seed)]),
  } as unknown as CheckedExperiment;
};

it('SGD and Adam have panels of their own, with no more than three lines each', () => {
  const { 'kernel-drift.svg': drift, 'linearization.svg': linearization } = checkFigures(experiment([1, 2]));
  for (const [figure, lines] of [
    [drift!, 3],
    [linearization!, 2],
  ] as const) {
    expect(figure.match(/<path [^>]*stroke-linejoin/g)).toHaveLength(2 * lines);
    expect(new Set(figure.match(/stroke="#[\da-f]+" stroke-width="2" stroke-linejoin/g)).size).toBe(lines);
    expect(figure).toContain('range over 2 seeds');
  }
  expect(drift).toContain('>SGD: SGD kernel<');
  expect(drift).toContain('>Adam: SignGD kernel<');
});

it('one seed has no band, and says nothing of any', () => {
  const figures = checkFigures(experiment([1]));
  for (const figure of Object.values(figures)) expect(figure).not.toContain('range over');
});

it('axes of f_lin against f say what both are, set as mathematics', () => {
  const margin = (labels?: string[]) => checkFigures(experiment([1], labels))['f-lin.svg']!;
  const lin = '<tspan font-style="italic">f</tspan><tspan dy="2.86" font-size="9.62">lin</tspan>';
  const xi = '<tspan dy="-2.86">(</tspan><tspan font-style="italic">ξ</tspan>)';
  expect(margin()).toContain(`${lin}${xi}: label logit minus the other<`);
  expect(margin(['a', 'b', 'c'])).toContain(': label logit minus the mean of the others<');
  expect(margin()).toContain('f_lin(ξ): label logit minus the other against f(ξ; θ_T)');
  // A name with an underscore is no formula.
  expect(margin()).toContain('>sentiment, my_model<');
});
