import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyLens } from '@ntk-lens/testing/tiny-lens';
import { beforeEach, expect, it, vi } from 'vitest';
import { openLens } from '../node.js';

const made = vi.hoisted(() => ({ plans: 0 }));
vi.mock('@ntk-lens/kernels', async (original) => {
  const kernels = await original<typeof import('@ntk-lens/kernels')>();
  return {
    ...kernels,
    tileKernels: (...asked: Parameters<typeof kernels.tileKernels>) => {
      made.plans++;
      return kernels.tileKernels(...asked);
    },
  };
});

const lens = tinyLens(openLens);
beforeEach(() => {
  made.plans = 0;
});

it('a session that plans, computes and assembles a kernel makes its plan once, and again when it was finished', async () => {
  const task = await lens().task('sentiment', { shots: 2, limitTest: 5 });
  const directory = await temporaryDirectory();
  const { runtime, levels } = await lens().planParts(task, { directory, parts: 2, formula: 'sgd' });
  const own = { directory, formula: 'sgd', computedBy: runtime };
  for (let time = 0; time < 2; time++) {
    const parts = await lens().openParts(task, { ...own, level: 'sum' });
    expect(parts.count).toBe(levels[0]!.tiles.length);
    for (let part = time; part < parts.count; part += 2) await parts.compute(part);
    await parts.close();
  }
  const kernel = await lens().kernel(task, own);
  expect(kernel.reused).toBe(false);
  expect(made.plans).toBe(1);
  expect((await lens().kernel(task, own)).reused).toBe(true);
  expect(made.plans).toBe(1);
  // Other work in another directory has a plan of its own, and so has one without a directory.
  await lens().kernel(task, { formula: 'sgd', directory: await temporaryDirectory() });
  await lens().kernel(task, { formula: 'sgd' });
  expect(made.plans).toBe(3);
});

it('checks make no plan', async () => {
  const task = await lens().task('sentiment', { shots: 2, limitTest: 5 });
  expect(await lens().kernelFits(task)).toBe(true);
  await lens().checkKernel(task, {});
  await lens().checkKernel(task, { stored: true });
  expect(made.plans).toBe(0);
});
