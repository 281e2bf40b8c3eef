import type * as fs from 'node:fs/promises';
import { join } from 'node:path';
import type * as engine from '@ntk-lens/engine';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { expect, it, vi } from 'vitest';
import { checkExperiment } from './check-experiment.js';
import { resolveCheck } from './resolve-check.js';

const opened = vi.hoisted(() => ({ weights: 0, runtimes: 0 }));

vi.mock('node:fs/promises', async (importOriginal) => {
  const actual = await importOriginal<typeof fs>();
  const open: typeof fs.open = (path, ...rest) => {
    if (String(path).endsWith('tiny/model.safetensors')) opened.weights++;
    return actual.open(path, ...rest);
  };
  return { ...actual, default: { ...actual, open }, open };
});

vi.mock('@ntk-lens/engine', async (importOriginal) => {
  const actual = await importOriginal<typeof engine>();
  const createRuntime: typeof engine.createRuntime = (options) => {
    opened.runtimes++;
    return actual.createRuntime(options);
  };
  return { ...actual, createRuntime };
});

it('a check of two optimizers and three seeds opens the weights once, and one runtime', async () => {
  const root = await temporaryDirectory();
  const model = await tinyModel(join(root, 'tiny'));
  opened.weights = 0;
  const config = await resolveCheck(
    { model, shots: [2], seeds: [13, 21, 42], limitTest: 4, threads: 1 },
    { steps: 2, trajectory: [1, 2], earlySteps: 1 },
  );
  const { optimizers } = await checkExperiment(config, { out: join(root, 'out') });
  expect(optimizers).toHaveLength(6);
  expect(opened).toEqual({ weights: 1, runtimes: 1 });
});
