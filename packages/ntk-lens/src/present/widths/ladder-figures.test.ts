import type { LadderCheck } from '@ntk-lens/tensor-programs';
import { expect, it } from 'vitest';
import { ladderFigures } from './ladder-figures.js';

const rungs = [8, 16, 32].flatMap((width) =>
  [0, 1].map((seed) => {
    const step = {
      learningRate: 1,
      change: 1,
      absoluteError: 0.1,
      relativeError: 1 / width,
      kernelChange: 1,
    };
    const steps = { sgd: step, signgd: step, 'signgd-shrinking': step };
    return { directory: '', width, seed, chi: (1 + seed) / width, steps };
  }),
);
const law = { slope: 0.894, intercept: 0, interval: [0.5, 1.25] as const, r2: 1 };
const check = (inChi: LadderCheck['exponents']['inChi']): LadderCheck => ({
  rungs,
  findings: [],
  exponents: { linearization: {}, absoluteError: {}, kernelChange: {}, inChi },
});

it('errors against |χ|: a point for every model and the law, where there is one', () => {
  const figure = ladderFigures('topic', check({ sgd: { linearization: law, kernelChange: law } }))[
    'ladder-follows-chi.svg'
  ]!;
  // And one in the legend.
  expect(figure.match(/<circle/g)).toHaveLength(7);
  // The law has the colour of its points.
  const [color] = /(?<=stroke=")#[\da-f]+(?="[^>]*stroke-dasharray)/.exec(figure)!;
  expect(figure.match(new RegExp(`<circle[^>]*${color}`, 'g'))).toHaveLength(7);
  expect(figure).toContain('|χ|^0.89 (0.50 … 1.25)');
  expect(Object.keys(ladderFigures('topic', check({})))).toEqual([
    ...['ladder-chi.svg', 'ladder-linearization.svg', 'ladder-kernel.svg'],
  ]);
});
