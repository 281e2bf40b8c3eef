import { ndarray } from '@ntk-lens/core';
import * as tf from '@ntk-lens/tfjs';
import { RuntimeUnavailableError } from '../../errors.js';
import { OrtRuntime } from '../../ort/ort-runtime.js';
import type { Program } from '../../program.js';
import type { RuntimeName } from '../../runtime-names.js';
import { retainFreedMemory } from '../ort/retain-freed-memory.js';
import { WorkerClient } from '../ort/worker-client.js';
import { findOnnxRuntime, hasCudaLibrary } from './find-onnxruntime.js';
import { keepFloat32Products } from './float32-products.js';
import type { Opener } from './opener.js';
import { withoutTelemetry } from './without-telemetry.js';

const remedies = {
  cpu: 'The optional dependencies of @ntk-lens/engine bring the library for Linux with glibc, macOS on Apple silicon, and Windows: install them, or onnxruntime-node. The runtime tfjs-wasm works without it and is many times slower.',
  webgpu:
    'It needs a graphics processor with a Vulkan, Metal or Direct3D 12 driver; choose the runtime ort-cpu.',
  cuda: 'On Linux x64 with CUDA 12 and cuDNN 9, run "npm install onnxruntime-node"; its install script fetches them.',
} as const;

const square: Program = {
  name: 'does it compute',
  inputs: { x: { dtype: 'float32', shape: [2, 2] } },
  build: ({ x }) => ({ y: tf.matMul(x!, x!) }),
};

/** Opens ONNX Runtime with one of its execution providers. */
export const openOrt =
  (runtime: RuntimeName, provider: keyof typeof remedies): Opener =>
  async ({ threads, reason, compiledPrograms }) => {
    const unavailable = (why: string, cause?: unknown) =>
      new RuntimeUnavailableError(runtime, why, remedies[provider], { cause });
    const library = findOnnxRuntime();
    if (!library)
      throw unavailable(
        `no library of ONNX Runtime for ${process.platform} on ${process.arch} is installed.`,
      );
    if (provider === 'cuda' && !hasCudaLibrary(library.folder)) {
      throw unavailable('no CUDA libraries of ONNX Runtime.');
    }
    if (provider === 'cuda') keepFloat32Products();
    withoutTelemetry();
    const freed = provider === 'cpu' ? retainFreedMemory() : undefined;
    const client = new WorkerClient({
      runtime,
      library: library.folder,
      executionProvider: provider,
      threads,
      onEnd: freed?.end,
    });
    const opened = new OrtRuntime(
      { runtime, version: library.title, dtype: 'float32', threads, reason },
      client,
      compiledPrograms,
      freed && { held: () => process.memoryUsage.rss(), giveBack: freed.giveBack },
    );
    try {
      const x = await opened.upload(ndarray(Float32Array.of(1, 2, 3, 4), [2, 2]));
      const { y } = await opened.compute(square, { x });
      if (String(y!.data) !== '7,10,15,22') throw new Error(`it computed [${y!.data}] for [7,10,15,22].`);
      opened.release([x]);
      return opened;
    } catch (error) {
      await opened.close();
      const cause = (error as Error).cause ?? error;
      throw unavailable(firstLine(cause as Error), error);
    }
  };

/** The part of a native error that says something: no source paths, one line, ended by a full stop. */
const firstLine = ({ message }: Error): string => {
  const line = message
    .trim()
    .split('\n')[0]!
    .replace(/^\S*\/onnxruntime\S* .*? was false\. /, '');
  return /[.!]$/.test(line) ? line : `${line}.`;
};
