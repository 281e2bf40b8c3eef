import type { RuntimeName } from '@ntk-lens/engine';

/** Runtime of the kernel tests: `NTK_LENS_TEST_RUNTIME=tfjs-node` runs them on a native TensorFlow binding. */
export const testRuntime = (process.env['NTK_LENS_TEST_RUNTIME'] ?? 'ort-cpu') as RuntimeName;
