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
  // The law is dotted, and has the colour of its points: six, and one in the legend.
  const [color] = /(?<=stroke=")#[\da-f]+(?="[^>]*stroke-dasharray="1 4")/.exec(figure)!;
  const marks = [...figure.matchAll(/<path [^>]*transform="translate[^>]* fill="(#[\da-f]+)"/g)];
  expect(marks.map((mark) => mark[1])).toEqual(Array(7).fill(color));
  expect(figure).toContain('|χ|^0.89 (0.50 … 1.25)');
  expect(Object.keys(ladderFigures('topic', check({})))).toEqual([
    ...['ladder-chi.svg', 'ladder-linearization.svg', 'ladder-kernel.svg'],
  ]);
});
