import type { Runtime } from '../runtime.js';
import { openWeb, type WebRuntimeOptions } from './open-web.js';

/**
 * Opens ONNX Runtime on WebAssembly in a browser; programs compile to the same ONNX models as on `ort-cpu`. It
 * computes on the thread that calls it: to keep a page responsive, create it in a Web Worker. Its WebAssembly file
 * is `ort-wasm-simd-threaded.wasm`.
 *
 * @example
 * ```ts
 * import { createWebRuntime } from '@ntk-lens/engine/web';
 *
 * const runtime = await createWebRuntime({ wasmPaths: '/assets/' });
 * ```
 * @throws RuntimeUnavailableError if onnxruntime-web cannot be loaded or has fewer threads than asked for
 */
export const createWebRuntime = (options: WebRuntimeOptions = {}): Promise<Runtime> =>
  openWeb('ort-web', 'wasm', () => import('onnxruntime-web/wasm'), options);
