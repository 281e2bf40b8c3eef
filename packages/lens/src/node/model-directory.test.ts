import { isError } from '@ntk-lens/core';
import { expect, it, vi } from 'vitest';
import { NoEmbeddedModelError } from '../errors.js';
import { openLens } from '../node.js';

vi.mock('@ntk-lens/minilm-mlm', () => {
  throw new Error('Cannot find package');
});

it('without the package of the embedded model a session says how to install it, or to name a model', async () => {
  const error = await openLens().catch((e: unknown) => e);
  if (!isError(error, NoEmbeddedModelError)) throw error;
  expect(error.kind).toBe('input');
  expect(error.message).toMatch(/npm install @ntk-lens\/minilm-mlm.*name another `model`/);
});

it('a runtime that there is not, a space that is none and a budget that is no amount are refused before a model is looked for', async () => {
  await expect(openLens({ runtime: 'abacus' })).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  await expect(openLens({ space: 'outer' })).rejects.toMatchObject({ code: 'UNKNOWN_SPACE' });
  await expect(openLens({ memory: 'much' })).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
});
