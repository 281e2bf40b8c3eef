import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { expect, it } from 'vitest';
import { type EarlyLens, openLens } from './node.js';

/** Opens a model whose weights are none: what is refused before them is told by its code. */
const open = async (beforeWeights: (early: EarlyLens) => Promise<void>): Promise<string> => {
  const model = await tinyModel(join(await temporaryDirectory(), 'tiny'));
  await writeFile(join(model, 'model.safetensors'), 'no weights');
  return openLens({ model, runtime: 'ort-cpu', beforeWeights }).then(
    () => 'opened',
    ({ code }: { code: string }) => code,
  );
};

it('refuses what needs no weights before they are read, and leaves the rest to the open session', async () => {
  const weights = await open(async () => {});
  expect(weights).toMatch(/WEIGHT/);
  const words = { negative: 'terrible', positive: 'unputdownable' };
  expect(await open(async (early) => void (await early.task('sentiment', { words })))).toBe(
    'MULTI_TOKEN_LABEL_WORD',
  );
  const none = { parameters: { exclude: ['*'] } };
  expect(await open(async (early) => early.checkKernel(await early.task('sentiment'), none))).toBe(
    'NO_PARAMETERS',
  );
  // Demonstrations that the model chooses need its weights.
  let ended = false;
  const demonstrations = { perLabel: 1, seed: 1, samples: 1, filter: 0.5 };
  expect(
    await open(async (early) => {
      await early.task('sentiment', { demonstrations });
      ended = true;
    }),
  ).toBe(weights);
  expect(ended).toBe(false);
});
