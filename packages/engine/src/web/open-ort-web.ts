import { BadArgumentError } from '@ntk-lens/core';
import type * as Ort from 'onnxruntime-common';
import { RuntimeUnavailableError } from '../errors.js';
import { InlineClient } from '../ort/inline-client.js';
import { OrtRuntime } from '../ort/ort-runtime.js';
import type { AnyRuntimeName, Runtime } from '../runtime.js';
import type { RuntimeOptions } from '../runtime-options.js';

/** Opens one of the builds of onnxruntime-web, which `load` imports. */
export const openOrtWeb = async (
  runtime: AnyRuntimeName,
  executionProvider: 'wasm' | 'webgpu',
  load: () => Promise<typeof Ort>,
  { threads = 1, wasmPaths, compiledPrograms, reason }: RuntimeOptions & { readonly reason: string },
): Promise<Runtime> => {
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw new BadArgumentError('threads', threads, 'a positive integer');
  }
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  if (threads > 1 && !crossOriginIsolated) {
    throw new RuntimeUnavailableError(
      runtime,
      `${threads} threads were asked for on a page that is not cross-origin isolated.`,
      'Serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or use 1 thread.',
    );
  }
  const ort = await load().catch((cause: unknown) => {
    throw new RuntimeUnavailableError(
      runtime,
      `onnxruntime-web cannot be loaded (${(cause as Error).message}).`,
      'It is an optional peer dependency: run "npm install onnxruntime-web".',
      { cause },
    );
  });
  ort.env.wasm.numThreads = threads;
  if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths as string;
  const version = `onnxruntime-web ${ort.env.versions.web ?? ort.env.versions.common}`;
  const client = new InlineClient(runtime, ort, {
    sessionOptions: {
      executionProviders: [executionProvider],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
    },
  });
  return new OrtRuntime({ runtime, version, dtype: 'float32', threads, reason }, client, compiledPrograms);
};
