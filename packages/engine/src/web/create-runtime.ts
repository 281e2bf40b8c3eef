import { RuntimeUnavailableError } from '../errors.js';
import type { Runtime } from '../runtime.js';
import type { RuntimeOptions } from '../runtime-options.js';
import { openOrtWeb } from './open-ort-web.js';

/** As much of WebGPU as it takes to see whether there is a device. */
interface Navigator {
  readonly gpu?: { requestAdapter(): Promise<unknown> };
}

/**
 * Opens a runtime in a browser: ONNX Runtime on WebGPU (`ort-webgpu`) or on WebAssembly (`ort-web`). Programs compile
 * to the same ONNX models as in Node. `ort-web` computes on the thread that calls it: to keep a page responsive, create
 * it in a Web Worker. The WebAssembly file of `ort-web` is `ort-wasm-simd-threaded.wasm`, that of `ort-webgpu`
 * `ort-wasm-simd-threaded.asyncify.wasm`.
 *
 * @example
 * ```ts
 * import { createRuntime } from '@ntk-lens/engine';
 *
 * const runtime = await createRuntime({ runtime: 'ort-web', wasmPaths: '/assets/' });
 * ```
 * @returns a runtime whose `info.reason` says for people why it was chosen
 * @throws RuntimeUnavailableError if the runtime is not one of a browser, there is no device for WebGPU,
 *   onnxruntime-web cannot be loaded, or the page has fewer threads than asked for
 * @throws BadArgumentError if `threads` or `compiledPrograms` is not a positive integer
 */
export const createRuntime = async (options: RuntimeOptions = {}): Promise<Runtime> => {
  const { runtime: wanted = 'auto' } = options;
  if (wanted !== 'auto' && wanted !== 'ort-web' && wanted !== 'ort-webgpu') {
    throw new RuntimeUnavailableError(
      wanted,
      'a browser has no such runtime.',
      'Use auto, ort-webgpu or ort-web.',
    );
  }
  const nothing = wanted === 'ort-web' ? undefined : await whyNoDevice();
  if (wanted === 'ort-webgpu' && nothing !== undefined) {
    throw new RuntimeUnavailableError(
      wanted,
      `${nothing}.`,
      'Choose ort-web, which computes on the processor.',
    );
  }
  const reason = wanted === 'auto' ? (nothing ?? 'the fastest kind there is') : 'asked for';
  return wanted === 'ort-web' || nothing !== undefined
    ? openOrtWeb('ort-web', 'wasm', () => import('onnxruntime-web/wasm'), { ...options, reason })
    : openOrtWeb('ort-webgpu', 'webgpu', () => import('onnxruntime-web/webgpu'), { ...options, reason });
};

/** The reason for which WebGPU cannot be used, or undefined if it finds a device. */
const whyNoDevice = async (): Promise<string | undefined> => {
  const { gpu } = (globalThis as { navigator?: Navigator }).navigator ?? {};
  if (!gpu)
    return 'there is no WebGPU here: the browser is too old, or the page is neither served by https nor by localhost';
  return (await gpu.requestAdapter()) ? undefined : 'WebGPU finds no device';
};
