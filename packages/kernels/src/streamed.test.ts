import { copyFile, cp, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CancelledError, type NDArray } from '@ntk-lens/core';
import { forwardLogits, type LanguageModel, loadModel } from '@ntk-lens/models';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { expect, test } from 'vitest';
import { safetensorsBytes } from '../../checkpoints/src/safetensors/testing/safetensors-bytes.js';
import { architectureCase, architectureNames } from '../../models/src/testing/architecture-cases.js';
import {
  computeKernelBlocks,
  computeKernels,
  directionalDerivatives,
  explainKernels,
  formulaNames,
  type KernelRequest,
  memoryTileStore,
} from './index.js';
import { drawnDirection } from './testing/drawn-direction.js';
import { openForTests } from './testing/open-for-tests.js';
import { oracleCase } from './testing/oracle-cases.js';
import { smallestBudget } from './testing/smallest-budget.js';

const { directory, examples, labelWordIds } = oracleCase('bert');
const { runtime, model } = await openForTests(directory);
const common = {
  ...{ model, runtime, labelWordIds, labels: [0, 2, 1], batchSize: 2 },
  train: examples.slice(0, 3),
  queries: { dev: examples.slice(3, 4), test: examples.slice(4) },
};

test.each(sampled(formulaNames, 2))('%s: streamed weights change no bit of a kernel', async (formula) => {
  const request: KernelRequest = { ...common, formula };
  for (const level of ['sum', 'parameter'] as const) {
    // As much room for examples, and so the same tiles.
    const blocks = async (streamed: boolean) => {
      const memory = (await smallestBudget({ ...request, streamed })) + 2 ** 14;
      return computeKernelBlocks({ ...request, streamed, memory }, level);
    };
    expect(await blocks(true)).toEqual(await blocks(false));
  }
});

test('streamed weights change no bit of directional derivatives', async () => {
  const directions = [drawnDirection(model, 1), drawnDirection(model, 2)];
  const derive = (streamed: boolean) =>
    directionalDerivatives({ model, runtime, labelWordIds, examples, directions, batchSize: 2, streamed });
  expect(await derive(true)).toEqual(await derive(false));
});

/** A model that counts how often it is read. */
const counting = (): { readonly counted: LanguageModel; readonly reads: Map<string, number> } => {
  const reads = new Map<string, number>();
  const read: LanguageModel['read'] = (parameter, options) => {
    reads.set(parameter, (reads.get(parameter) ?? 0) + 1);
    return model.read(parameter, options);
  };
  return { counted: { ...model, read }, reads };
};

test('weights that do not fit are streamed, and every stage is read as often as the plan says', async () => {
  const request: KernelRequest = { ...common, formula: 'sgd' };
  const streamed = await smallestBudget({ ...request, streamed: true });
  const resident = await smallestBudget({ ...request, streamed: false });
  expect(streamed).toBeLessThan(resident);
  const memory = Math.floor((streamed + resident) / 2);
  const { weights, tiles, sweeps, peakBytes } = explainKernels({ ...request, memory });
  expect(weights.streamed).toBe(true);
  expect(weights.residentBytes).toBeLessThan(weights.allBytes);
  expect(sweeps).toBeLessThanOrEqual(tiles.length);
  expect(weights.reads).toBe(2 * sweeps);
  expect(peakBytes).toBeLessThanOrEqual(memory);
  const { counted, reads } = counting();
  await computeKernels({ ...request, model: counted, memory });
  // Where a pass turns, the stages that are in memory are not read again.
  expect(Math.max(...reads.values())).toBeLessThanOrEqual(weights.reads);
  expect(explainKernels(request).weights).toMatchObject({ streamed: false, reads: 1 });
});

test('a weight file that ends in the middle of a pass is a typed error; what was finished stays, and resumes', async () => {
  const copy = join(await temporaryDirectory(), 'model');
  await cp(directory, copy, { recursive: true });
  const own = await loadModel(copy);
  const request: KernelRequest = { ...common, model: own, formula: 'sgd', streamed: true };
  const memory = await smallestBudget(request);
  const whole = await computeKernels({ ...request, memory });
  const tiles = new Map<string, Readonly<Record<string, NDArray>>>();
  const { read, write } = memoryTileStore(tiles);
  const file = join(copy, 'model.safetensors');
  const store = {
    read,
    write: async (tile: string, arrays: Readonly<Record<string, NDArray>>) => {
      await write(tile, arrays);
      await truncate(file, 2000);
    },
  };
  await expect(computeKernels({ ...request, memory, store })).rejects.toMatchObject({
    code: 'TRUNCATED_WEIGHT_FILE',
  });
  expect(tiles.size).toBeGreaterThan(0);
  expect(tiles.size).toBeLessThan(explainKernels({ ...request, memory }).tiles.length);
  expect(runtime.residentBytes).toBe(0);
  await copyFile(join(directory, 'model.safetensors'), file);
  expect(await computeKernels({ ...request, memory, store: { read, write } })).toEqual(whole);
  await own.close();
});

test('a cancellation while weights stream leaves nothing behind', async () => {
  for (const phase of ['forward', 'kernel']) {
    const controller = new AbortController();
    const stopped = computeKernels({
      ...{ ...common, formula: 'sgd', streamed: true, signal: controller.signal },
      onProgress: (progress) => progress.phase === phase && progress.done === 2 && controller.abort(),
    });
    await expect(stopped, phase).rejects.toThrow(CancelledError);
    expect(runtime.residentBytes).toBe(0);
  }
});

/** The upper bits of float32 numbers, as bfloat16 and as binary16; numbers too small for it are 0 there. */
const halves = (data: Float32Array, dtype: 'BF16' | 'F16'): Uint16Array =>
  Uint16Array.from(new Uint32Array(data.buffer, data.byteOffset, data.length), (bits) => {
    if (dtype === 'BF16') return bits >>> 16;
    const exponent = ((bits >>> 23) & 0xff) - 112;
    const sign = (bits >>> 16) & 0x8000;
    return exponent > 0 ? sign | (exponent << 10) | ((bits >>> 13) & 0x3ff) : sign;
  });

/** A copy of a model directory whose tensors are bfloat16, binary16 and float32 by turns, in two shards. */
const mixedCopy = async (from: string): Promise<string> => {
  const copy = await temporaryDirectory();
  await copyFile(join(from, 'config.json'), join(copy, 'config.json'));
  const whole = await loadModel(from);
  const names = new Map([...whole.parameters.keys()].map((name) => [whole.storedName(name), name]));
  const shards: [string, string, readonly number[], Uint8Array][][] = [[], []];
  const map: Record<string, string> = {};
  for (const [i, [name, parameter]] of [...names].entries()) {
    const { data, shape } = await whole.read(parameter);
    const dtype = (['BF16', 'F16', 'F32'] as const)[i % 3]!;
    const stored = dtype === 'F32' ? data : halves(data, dtype);
    const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
    shards[i % 2]!.push([name, dtype, shape, bytes]);
    map[name] = `shard-${i % 2}.safetensors`;
  }
  await whole.close();
  for (const [i, tensors] of shards.entries())
    await writeFile(join(copy, `shard-${i}.safetensors`), safetensorsBytes(tensors));
  await writeFile(join(copy, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
  return copy;
};

test.each(sampled(architectureNames, 2))(
  '%s in shards of mixed types: streamed weights change no bit of kernels and logits',
  async (name) => {
    const { directory: from, examples, labelWordIds } = architectureCase(name);
    const mixed = await loadModel(await mixedCopy(from));
    const kernels = (streamed: boolean) =>
      computeKernels({
        ...{ model: mixed, runtime, labelWordIds, formula: 'sgd', batchSize: 2, streamed },
        ...{ train: examples.slice(0, 2), queries: { test: examples.slice(2) } },
      });
    expect(await kernels(true)).toEqual(await kernels(false));
    const logits = (streamed: boolean) =>
      forwardLogits({ model: mixed, runtime, labelWordIds, examples, batchSize: 2, streamed });
    expect(await logits(true)).toEqual(await logits(false));
    await mixed.close();
  },
);
