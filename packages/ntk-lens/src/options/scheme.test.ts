import { defaultScheme } from '@ntk-lens/tensor-programs';
import { expect, it } from 'vitest';
import { pretrainingScheme } from './scheme.js';

it('the scheme that the help names is the default of the library', () => {
  const { feedForward: _, ...settings } = defaultScheme;
  expect(pretrainingScheme).toEqual(settings);
});
