import type { AnyRuntimeName } from './runtime.js';

/** Options of `createRuntime`, in Node and in a browser. */
export interface RuntimeOptions {
  /**
   * A runtime's name, or `auto` (default). In Node that is the first that works of `ort-cuda`, `ort-webgpu`
   * (only a real graphics processor), `ort-cpu`, `tfjs-wasm`, `tfjs-cpu`; in a browser it is `ort-webgpu` if
   * there is a device for it, else `ort-web`. Name one to have the same numbers on every machine: runtimes
   * differ in the last digits of float32.
   */
  readonly runtime?: AnyRuntimeName | 'auto';
  /**
   * Threads of CPU runtimes; default in Node: the cores that this process may use; in a browser: 1, and more need a page
   * that is cross-origin isolated (the headers `Cross-Origin-Opener-Policy: same-origin` and
   * `Cross-Origin-Embedder-Policy: require-corp`). With the same number, results are the same to the last bit.
   */
  readonly threads?: number;
  /**
   * Number of compiled programs that an `ort-*` runtime keeps; default 512. The least recently used one is
   * dropped and compiled again when it returns. Lower it when memory is short: a session keeps its scratch
   * memory.
   */
  readonly compiledPrograms?: number;
  /**
   * Address of the WebAssembly file of onnxruntime-web in a browser, or of its folder (with a slash at the
   * end). Default: the folder of the bundle. Set it when the bundler does not copy it. Node has no use for
   * it.
   */
  readonly wasmPaths?: string | { readonly wasm: string };
}
