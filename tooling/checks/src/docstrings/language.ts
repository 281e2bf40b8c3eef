import type { EncodedExample } from '@ntk-lens/core';
import { createRuntime } from '@ntk-lens/engine';
import { computeKernels } from '@ntk-lens/kernels';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import { loadModel } from '@ntk-lens/models';
import { compileTemplate } from '@ntk-lens/prompts';
import { parseSpace } from '@ntk-lens/subspace';
import { readTrajectory } from '@ntk-lens/tensor-programs';
import { loadTokenizer } from '@ntk-lens/tokenizers';
import { closing, once } from './once.js';
import { prepared } from './prepared-directory.js';

// A tiny model, its examples, and what is asked of it.

export const template = '*cls**sent_0*_It_was*mask*.*sep+*';
export const sentences = ['A gentle, funny film.', 'Two hours of noise.', 'It is warm and funny.', 'Dull.'];
export const labels = [1, 0, 1, 0];

export const model = once(async () => closing(await loadModel(prepared.model)));
export const runtime = once(async () => closing(await createRuntime({ runtime: 'ort-cpu', threads: 1 })));
export const tokenizer = once(() => loadTokenizer(modelDirectory));
export const labelWordIds = [6659, 2307];
export const examples = once(async (): Promise<readonly EncodedExample[]> => {
  const encode = compileTemplate(template, await loadTokenizer(prepared.model));
  return sentences.map((text) => encode([text]));
});
export const request = once(async () => ({
  ...{ model: await model(), runtime: await runtime(), formula: 'sgd', labelWordIds },
  ...{ train: (await examples()).slice(0, 2), queries: { dev: await examples(), test: await examples() } },
}));
export const labelled = once(async () => ({ examples: await examples(), labels }));
export const lora = once(async () => parseSpace('lora:r=8').apply(await model(), { seed: 1 }));
export const training = once(async () => ({
  ...{ runtime: await runtime(), labelWordIds, train: await labelled(), dev: await labelled() },
  ...{ optimizer: { name: 'sgd' } as const, learningRate: 1e-3, steps: 2, batchSize: 2, seed: 0 },
}));
export const kernels = once(async () => computeKernels(await request()));

export const space = once(async () => parseSpace('full').apply(await model()));
export const points = once(async () => readTrajectory('runs/tuned', await space()));
