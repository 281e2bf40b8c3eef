import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tinyLens } from '@ntk-lens/testing/tiny-lens';
import { expect, it } from 'vitest';
import { loadKernel, openLens, solveKernel } from '../index.js';
import { openLens as openInNode } from '../node.js';

const inNode = tinyLens(openInNode);

it('a session of a page has the kernels of one in Node, from the contents of the files, and keeps them in memory', async () => {
  const { directory, runtime } = inNode();
  const [config, tokenizer, weights] = await Promise.all(
    ['config.json', 'tokenizer.json', 'model.safetensors'].map((name) => readFile(join(directory!, name))),
  );
  const model = { config: String(config), tokenizer: String(tokenizer), weights: new Blob([weights!]) };
  const lens = await openLens({ model, runtime });
  const options = { shots: 2, limitTest: 3 };
  const task = await lens.task('sentiment', options);
  const kernel = await lens.kernel(task, { directory: 'kept' });
  const expected = await inNode().kernel(await inNode().task('sentiment', options));
  expect(kernel.splits).toEqual(expected.splits);
  expect(kernel.identity).toEqual(expected.identity);
  expect((await lens.kernel(task, { directory: 'kept' })).reused).toBe(true);
  await kernel.save('saved');
  const { test } = await solveKernel(await loadKernel('saved'));
  expect(test).toEqual((await lens.solve(kernel)).test);
  await expect(lens.kernel(task, { directory: 'kept', formula: 'signgd' })).rejects.toMatchObject({
    code: 'BAD_ARGUMENT',
  });
  await expect(loadKernel('nowhere')).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  await expect(lens.fineTune(task, { directory: 'tuned' })).rejects.toMatchObject({ code: 'NO_DISK' });
  await lens.close();
  await expect(openLens({ model: 'roberta-base' })).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' });
});
