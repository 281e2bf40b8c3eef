import { safetensorsFrom } from '@ntk-lens/checkpoints';
import type { EncodedExample } from '@ntk-lens/core';
import { createRuntime } from '@ntk-lens/engine';
import { modelFrom, parseModelConfig } from '@ntk-lens/models';
import { computeKernels, memoryTileStore } from '../index.js';

/** Computes a kernel in the page, from the files of a model that it fetches. */
const kernelInPage = async (examples: readonly EncodedExample[], labelWordIds: readonly number[]) => {
  const config = parseModelConfig(await (await fetch('/config.json')).json());
  const weights = await safetensorsFrom(await (await fetch('/model.safetensors')).blob());
  const model = await modelFrom(config, weights);
  const runtime = await createRuntime({
    runtime: 'ort-web',
    wasmPaths: { wasm: '/ort-wasm-simd-threaded.wasm' },
  });
  const store = memoryTileStore();
  const { train } = await computeKernels({
    ...{ model, runtime, labelWordIds, store, formula: 'sgd', train: examples, queries: {} },
  });
  await runtime.close();
  return { hash: await model.hash(), shape: train.kernel.shape, kernel: [...train.kernel.data] };
};

export type KernelInPage = Awaited<ReturnType<typeof kernelInPage>>;

Object.assign(globalThis, { kernelInPage, ready: true });
