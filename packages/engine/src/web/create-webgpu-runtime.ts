import { RuntimeUnavailableError } from '../errors.js';
import type { Runtime } from '../runtime.js';
import { openWeb, type WebRuntimeOptions } from './open-web.js';

/** As much of WebGPU as it takes to see whether there is a device. */
interface Navigator {
  readonly gpu?: { requestAdapter(): Promise<unknown> };
}

/**
 * Opens ONNX Runtime on WebGPU in a browser; programs compile to the same ONNX models as on `ort-webgpu` of Node. Its
 * WebAssembly file is `ort-wasm-simd-threaded.asyncify.wasm`.
 *
 * @example
 * ```ts
 * import { createWebGpuRuntime } from '@ntk-lens/engine/web';
 *
 * const runtime = await createWebGpuRuntime({ wasmPaths: '/assets/' });
 * ```
 * @throws RuntimeUnavailableError if the browser has no WebGPU or no device for it, or as `createWebRuntime`
 */
export const createWebGpuRuntime = async (options: WebRuntimeOptions = {}): Promise<Runtime> => {
  const { gpu } = (globalThis as { navigator?: Navigator }).navigator ?? {};
  if (!gpu || !(await gpu.requestAdapter())) {
    throw new RuntimeUnavailableError(
      'ort-webgpu',
      gpu
        ? 'WebGPU finds no device.'
        : 'there is no WebGPU here: the browser is too old, or the page is neither served by https nor by localhost.',
      'Use createWebRuntime, which computes on the processor.',
    );
  }
  return openWeb('ort-webgpu', 'webgpu', () => import('onnxruntime-web/webgpu'), options);
};
