import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyLens } from '@ntk-lens/testing/tiny-lens';
import { expect, it } from 'vitest';
import type { KernelChoice } from '../kernel/kernel-options.js';
import { loadKernel, openLargeKernel, openLens } from '../node.js';
import type { LensTask } from '../task/lens-task.js';

const lens = tinyLens(openLens);
const taskOf = (prompt = true): Promise<LensTask> =>
  lens().task('sentiment', { shots: 2, limitTest: 5, prompt });

/** Files of a directory and their bytes. */
const filesOf = async (directory: string): Promise<Record<string, string>> => {
  const files: Record<string, string> = {};
  for (const name of (await readdir(directory)).sort())
    files[name] = await readFile(join(directory, name), name.endsWith('.json') ? 'utf8' : 'base64');
  return files;
};

const choices: readonly [KernelChoice, boolean][] = [
  [{ formula: 'sgd' }, true],
  [{ formula: 'cosine' }, true],
  [{ formula: 'a-signgd', binary: true }, true],
  [{ formula: 'sgd', space: 'lora:r=2' }, true],
  [{ formula: 'sgd' }, false],
];

it.each(sampled(choices, 2))(
  '%j, with a prompt %s: a kernel that is written row by row leaves the files of one in memory, to the byte',
  async (choice, prompt) => {
    const task = await taskOf(prompt);
    const [whole, stored] = [await temporaryDirectory(), await temporaryDirectory()];
    const kernel = await lens().kernel(task, { ...choice, directory: whole });
    const options = { ...choice, directory: stored };
    const found = await lens().storeKernel(task, options);
    expect(await filesOf(stored)).toEqual(await filesOf(whole));
    expect(found.shapes.test).toEqual(kernel.splits.test.kernel.shape);
    expect([found.reused, found.space, found.runtime]).toEqual([false, kernel.space, kernel.runtime]);
    expect(await lens().storeKernel(task, options)).toEqual({ ...found, reused: true });
    expect((await lens().kernel(task, { ...choice, directory: stored })).reused).toBe(true);
  },
);

it('a stop between tiles and files leaves no file that counts, and the same call goes on to the same bytes', async () => {
  const task = await taskOf();
  const [whole, stopped] = [await temporaryDirectory(), await temporaryDirectory()];
  await lens().storeKernel(task, { directory: whole });
  for (const phase of ['writing train.npy', 'writing test.npy']) {
    const stop = new AbortController();
    const onProgress = (event: { readonly phase: string }) => void (event.phase === phase && stop.abort());
    const signal = { signal: stop.signal, onProgress };
    await expect(lens().storeKernel(task, { directory: stopped, ...signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    await expect(loadKernel(stopped)).rejects.toMatchObject({ code: 'NO_KERNELS' });
    expect((await readdir(stopped)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  }
  await lens().storeKernel(task, { directory: stopped });
  expect(await filesOf(stopped)).toEqual(await filesOf(whole));
});

it('a kernel is opened by rows where it exceeds a budget, and refused where a byte of it was changed', async () => {
  const directory = await temporaryDirectory();
  await lens().storeKernel(await taskOf(), { directory });
  expect(await openLargeKernel(directory)).toBeUndefined();
  const large = (await openLargeKernel(directory, 1000))!;
  const { splits, identity } = await loadKernel(directory);
  for (const split of ['train', 'dev', 'test'] as const) {
    const { kernel, shape, logits, labels } = large.splits[split];
    expect(shape).toEqual(splits[split].kernel.shape);
    expect(await kernel.read(0, kernel.shape[0])).toEqual(splits[split].kernel.data);
    expect([logits, labels]).toEqual([splits[split].logits, splits[split].labels]);
  }
  expect([large.identity, large.hasLogits]).toEqual([identity, true]);
  const file = join(directory, 'dev.npy');
  const bytes = await readFile(file);
  bytes[bytes.length - 3]! ^= 4;
  await writeFile(file, bytes);
  await expect(openLargeKernel(directory, 1000)).rejects.toMatchObject({ code: 'DAMAGED_RUN' });
});

it('a budget that a kernel fits, and parts of one that does not', async () => {
  const task = await taskOf();
  expect(await lens().kernelFits(task)).toBe(true);
  await lens().checkKernel(task, { stored: true, blocks: 'layer' });
});
