import type { RuntimeName } from '@ntk-lens/engine';

/** Runtime of the kernel tests: `NTK_LENS_TEST_RUNTIME` is `tfjs-node` for a native TensorFlow binding, `ort-webgpu` for WebGPU. */
export const testRuntime = (process.env['NTK_LENS_TEST_RUNTIME'] ?? 'ort-cpu') as RuntimeName;
