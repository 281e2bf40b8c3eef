import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeNpy, type NDArray, type SplitName } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import { loadModel } from '@ntk-lens/models';
import { createVerbalizer, encodePrompt } from '@ntk-lens/prompts';
import { loadKShot } from '@ntk-lens/tasks';
import { sampled } from '@ntk-lens/testing/sampled';
import { hasShared, sharedPath } from '@ntk-lens/testing/shared-path';
import { loadTokenizer } from '@ntk-lens/tokenizers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { computeKernels } from './compute-kernels.js';
import type { FormulaName } from './formulas/index.js';
import type { Kernels } from './request/kernel-request.js';
import { testRuntime } from './testing/test-runtime.js';

const golden = sharedPath('golden');
const present = hasShared('golden');

const filters: Record<string, (name: string) => boolean> = {
  bias: (name) => name.includes('bias'),
  noemb: (name) => !name.includes('embed'),
  nohead: (name) => !name.includes('head'),
};

/** Relative Frobenius distance. */
const distance = (found: NDArray, expected: NDArray): number => {
  let [difference, size] = [0, 0];
  for (const [i, x] of expected.data.entries()) {
    difference += (found.data[i]! - x) ** 2;
    size += x ** 2;
  }
  return Math.sqrt(difference / size);
};

describe.skipIf(!present)('kernels of the authors’ own program (../shared/golden)', () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ runtime: testRuntime });
  });
  afterAll(() => runtime.close());

  const compute = async (
    modelName: string,
    taskName: string,
    formula: FormulaName,
    binary: boolean,
    filter: string | undefined,
  ) => {
    const directory = modelName === 'minilm-mlm' ? modelDirectory : join(golden, 'models', modelName);
    const [model, tokenizer] = [await loadModel(directory), await loadTokenizer(directory)];
    const { task, ...splits } = await loadKShot({ task: taskName, dataDir: join(golden, 'data', taskName) });
    const { labelWordIds } = createVerbalizer(task.labelWords, task.labels, tokenizer);
    const encode = (split: SplitName) =>
      splits[split].map(({ texts }) => encodePrompt(task.template, texts, tokenizer, task));
    const kernels = await computeKernels({
      model,
      runtime,
      formula,
      binary,
      labelWordIds,
      train: encode('train'),
      queries: { dev: encode('dev'), test: encode('test') },
      batchSize: 5,
      parameters: filter ? filters[filter]! : undefined,
    });
    await model.close();
    return kernels;
  };

  for (const modelName of ['tiny-roberta', 'minilm-mlm']) {
    describe(modelName, async () => {
      const folder = join(golden, 'kernels', modelName);
      for (const name of present ? sampled((await readdir(folder)).sort(), 2) : []) {
        const [, taskName, kind, filter] = /^(.*?)-(sgd|signgd|asym-bin)(?:-(\w+))?$/.exec(name)!;
        const formula: FormulaName = kind === 'asym-bin' ? 'a-signgd' : (kind as FormulaName);
        // Sign kernels of the authors hold the sign noise of gradients that are zero (golden/README.md).
        const tolerance = formula === 'sgd' ? 1e-5 : 5e-3;
        test(`${name} agrees to ${tolerance}`, async () => {
          const kernels: Kernels = await compute(modelName, taskName!, formula, kind === 'asym-bin', filter);
          const read = async (file: string) => decodeNpy(await readFile(join(folder, name, `${file}.npy`)));
          const files = await readdir(join(folder, name));
          for (const split of ['train', 'dev', 'test'] as const) {
            const found = kernels[split]!;
            const expected = await read(split);
            expect(found.kernel.shape).toEqual(expected.shape);
            expect(distance(found.kernel, expected)).toBeLessThan(tolerance);
            if (found.flipped)
              expect(distance(found.flipped, await read(`${split}_flipped`))).toBeLessThan(tolerance);
            if (files.includes(`${split}_logits.npy`)) {
              expect(distance(found.logits, await read(`${split}_logits`))).toBeLessThan(1e-5);
            }
          }
        });
      }
    });
  }
});
