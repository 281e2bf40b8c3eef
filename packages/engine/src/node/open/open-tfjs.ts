import { sep } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { EagerRuntime } from '../../eager/eager-runtime.js';
import { RuntimeUnavailableError } from '../../errors.js';
import type { Opener } from './opener.js';
import { packageFolder, packageTitle } from './package-info.js';

// tfjs greets every Node process that uses its own backends.
tf.env().set('PROD', true);

const titleOf = (name: string): string => {
  const folder = packageFolder(name);
  return folder ? packageTitle(folder).title : name;
};

/** Opens tfjs on WebAssembly, which has one thread in Node. */
export const openWasm: Opener = async ({ reason }) => {
  const name = '@tensorflow/tfjs-backend-wasm';
  try {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(`${packageFolder(name)}${sep}dist${sep}`);
    if (!(await tf.setBackend('wasm'))) throw new Error('its WebAssembly module does not start.');
  } catch (cause) {
    throw new RuntimeUnavailableError(
      'tfjs-wasm',
      `${name}: ${(cause as Error).message}`,
      'Choose the runtime tfjs-cpu.',
      { cause },
    );
  }
  return new EagerRuntime(
    { runtime: 'tfjs-wasm', version: titleOf(name), dtype: 'float32', threads: 1, reason },
    'wasm',
  );
};

/** Opens tfjs in plain JavaScript, which works everywhere. */
export const openCpu: Opener = async ({ reason }) => {
  await tf.setBackend('cpu');
  const version = titleOf('@tensorflow/tfjs');
  return new EagerRuntime({ runtime: 'tfjs-cpu', version, dtype: 'float32', threads: 1, reason }, 'cpu');
};
