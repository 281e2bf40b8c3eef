import { sep } from 'node:path';
import * as tf from '@ntk-lens/tfjs';
import { EagerRuntime } from '../../eager/eager-runtime.js';
import { RuntimeUnavailableError } from '../../errors.js';
import type { Opener } from './opener.js';
import { packageFolder } from './package-info.js';

// tfjs greets every Node process that uses its own backends.
tf.env().set('PROD', true);

/** Opens tfjs on WebAssembly, which has one thread in Node. */
export const openWasm: Opener = async ({ reason }) => {
  const name = '@tensorflow/tfjs-backend-wasm';
  let version: string;
  try {
    const wasm = await import('@ntk-lens/tfjs/wasm');
    version = `${name} ${wasm.version}`;
    wasm.setWasmFolder(`${packageFolder('@ntk-lens/tfjs')}${sep}dist${sep}`);
    if (!(await tf.setBackend('wasm'))) throw new Error('its WebAssembly module does not start.');
  } catch (cause) {
    throw new RuntimeUnavailableError(
      'tfjs-wasm',
      `${name}: ${(cause as Error).message}`,
      'Choose the runtime tfjs-cpu.',
      { cause },
    );
  }
  return new EagerRuntime({ runtime: 'tfjs-wasm', version, dtype: 'float32', threads: 1, reason }, 'wasm');
};

/** Opens tfjs in plain JavaScript, which works everywhere. */
export const openCpu: Opener = async ({ reason }) => {
  await tf.setBackend('cpu');
  const version = `@tensorflow/tfjs-core ${tf.version_core}`;
  return new EagerRuntime({ runtime: 'tfjs-cpu', version, dtype: 'float32', threads: 1, reason }, 'cpu');
};
