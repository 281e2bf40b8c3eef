import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { EagerRuntime } from './eager/eager-runtime.js';
import { RuntimeUnavailableError } from './errors.js';
import { OrtRuntime } from './ort/ort-runtime.js';
import type { Runtime, RuntimeName } from './runtime.js';

interface OpenOptions {
  readonly threads: number;
  readonly reason: string;
}

const require = createRequire(import.meta.url);
const versionOf = (name: string): string =>
  `${name} ${(require(`${name}/package.json`) as { version: string }).version}`;

// tfjs greets every Node process that uses its own backends.
tf.env().set('PROD', true);

const openOrt = (runtime: RuntimeName, executionProvider: string) => async (options: OpenOptions) => {
  const { listSupportedBackends } = await import('onnxruntime-node').catch((cause: unknown) => {
    throw new RuntimeUnavailableError(
      runtime,
      'onnxruntime-node cannot be loaded.',
      'Install it, or choose --runtime tfjs-wasm.',
      { cause },
    );
  });
  if (!listSupportedBackends().some((backend) => backend.name === executionProvider && backend.bundled)) {
    throw new RuntimeUnavailableError(
      runtime,
      `the installed onnxruntime-node has no "${executionProvider}" provider on ${process.platform}-${process.arch}.`,
      executionProvider === 'cuda'
        ? 'Run its install script, which fetches the CUDA libraries (Linux x64).'
        : 'Choose another runtime.',
    );
  }
  const version = versionOf('onnxruntime-node');
  return new OrtRuntime({ runtime, version, dtype: 'float32', ...options }, executionProvider);
};

const openWasm = async (options: OpenOptions): Promise<Runtime> => {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}${sep}`);
  await tf.setBackend('wasm');
  const version = versionOf('@tensorflow/tfjs-backend-wasm');
  // tfjs runs wasm on one thread in Node.
  return new EagerRuntime(
    { runtime: 'tfjs-wasm', version, dtype: 'float32', ...options, threads: 1 },
    'wasm',
  );
};

const openCpu = async (options: OpenOptions): Promise<Runtime> => {
  await tf.setBackend('cpu');
  const version = versionOf('@tensorflow/tfjs');
  return new EagerRuntime({ runtime: 'tfjs-cpu', version, dtype: 'float32', ...options, threads: 1 }, 'cpu');
};

const openTensorflow = (runtime: RuntimeName, packageName: string) => async (options: OpenOptions) => {
  try {
    // Registers the backend `tensorflow` with the tfjs engine, which all copies of tfjs in a process share.
    await import(packageName);
  } catch (cause) {
    throw new RuntimeUnavailableError(
      runtime,
      `${packageName} cannot be loaded (${(cause as Error).message.split('\n')[0]}).`,
      'It is an optional peer dependency; docs/native-tfjs.md says how to install it and how to build its binding.',
      { cause },
    );
  }
  await tf.setBackend('tensorflow');
  return new EagerRuntime(
    { runtime, version: versionOf(packageName), dtype: 'float32', ...options },
    'tensorflow',
  );
};

/** Opens each runtime by name. */
export const openers: Readonly<Record<RuntimeName, (options: OpenOptions) => Promise<Runtime>>> = {
  'ort-cpu': openOrt('ort-cpu', 'cpu'),
  'ort-webgpu': openOrt('ort-webgpu', 'webgpu'),
  'ort-cuda': openOrt('ort-cuda', 'cuda'),
  'tfjs-node-gpu': openTensorflow('tfjs-node-gpu', '@tensorflow/tfjs-node-gpu'),
  'tfjs-node': openTensorflow('tfjs-node', '@tensorflow/tfjs-node'),
  'tfjs-wasm': openWasm,
  'tfjs-cpu': openCpu,
};
