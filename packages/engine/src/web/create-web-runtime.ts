import { BadArgumentError } from '@ntk-lens/core';
import { RuntimeUnavailableError } from '../errors.js';
import { InlineClient } from '../ort/inline-client.js';
import { OrtRuntime } from '../ort/ort-runtime.js';
import type { Runtime } from '../runtime.js';

export interface WebRuntimeOptions {
  /**
   * Where the browser finds `ort-wasm-simd-threaded.wasm` of onnxruntime-web: the address of the folder (with a
   * slash at the end) or of the file. Default: beside the bundle. Set it when the bundler does not copy it.
   */
  readonly wasmPaths?: string | { readonly wasm: string };
  /**
   * WebAssembly threads; default 1. More than one needs a page that is cross-origin isolated (the headers
   * `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`).
   */
  readonly threads?: number;
  /** How many compiled programs to keep; default 512. The least recently used one is dropped. */
  readonly compiledPrograms?: number;
}

/**
 * Opens ONNX Runtime on WebAssembly in a browser; programs compile to the same ONNX models as on `ort-cpu`. It
 * computes on the thread that calls it: to keep a page responsive, create it in a Web Worker.
 *
 * @example
 * ```ts
 * import { createWebRuntime } from '@ntk-lens/engine/web';
 *
 * const runtime = await createWebRuntime({ wasmPaths: '/assets/' });
 * ```
 * @throws RuntimeUnavailableError if onnxruntime-web cannot be loaded or has fewer threads than asked for
 */
export const createWebRuntime = async (options: WebRuntimeOptions = {}): Promise<Runtime> => {
  const { threads = 1, wasmPaths, compiledPrograms } = options;
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw new BadArgumentError('threads', threads, 'a positive integer');
  }
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  if (threads > 1 && !crossOriginIsolated) {
    throw new RuntimeUnavailableError(
      'ort-web',
      `${threads} threads were asked for on a page that is not cross-origin isolated.`,
      'Serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or use 1 thread.',
    );
  }
  const ort = await import('onnxruntime-web/wasm').catch((cause: unknown) => {
    throw new RuntimeUnavailableError(
      'ort-web',
      `onnxruntime-web cannot be loaded (${(cause as Error).message}).`,
      'It is an optional peer dependency: run "npm install onnxruntime-web".',
      { cause },
    );
  });
  ort.env.wasm.numThreads = threads;
  if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths as string;
  const version = `onnxruntime-web ${ort.env.versions.web ?? ort.env.versions.common}`;
  const client = new InlineClient('ort-web', ort, {
    sameThread: true,
    sessionOptions: { executionProviders: ['wasm'], graphOptimizationLevel: 'all', logSeverityLevel: 4 },
  });
  return new OrtRuntime(
    { runtime: 'ort-web', version, dtype: 'float32', threads, reason: 'runs in a browser' },
    client,
    compiledPrograms,
  );
};
