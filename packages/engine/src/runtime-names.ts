/**
 * The names of the runtimes in Node. `ort-*` run traced programs on ONNX Runtime, `tfjs-*` run them eagerly.
 */
export const runtimeNames = [
  'ort-cpu',
  'ort-webgpu',
  'ort-cuda',
  'tfjs-node-gpu',
  'tfjs-node',
  'tfjs-wasm',
  'tfjs-cpu',
] as const;

/** Name of a runtime of Node. */
export type RuntimeName = (typeof runtimeNames)[number];
