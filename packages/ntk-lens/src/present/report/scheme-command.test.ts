import { expect, it } from 'vitest';
import { coordinatesScheme, pretrainingScheme } from '../../options/scheme.js';
import { schemeCommand } from './scheme-command.js';

const models = [32, 64].flatMap((width) => [0, 1].map((seed) => ({ width, seed })));

it('the command of a ladder says what its scheme has of its own', () => {
  const scheme = { ...pretrainingScheme, zero: ['output', 'query'] as const, learningRate: 0.01 };
  expect(schemeCommand('pretrain', models, scheme, pretrainingScheme)).toBe(
    'ntk-lens pretrain --widths 32,64 --seeds 0,1 --zero output,query --lr 0.01',
  );
  expect(schemeCommand('coordinates', models, { ...coordinatesScheme, zero: [] }, coordinatesScheme)).toBe(
    'ntk-lens coordinates --widths 32,64 --seeds 0,1 --zero none',
  );
});

it('a ladder with gaps has no command of one line', () => {
  expect(schemeCommand('pretrain', models.slice(1), pretrainingScheme, pretrainingScheme)).toBeUndefined();
});
