import type { RuntimeName } from '../../runtime-names.js';
import { openOrt } from './open-ort.js';
import { openTensorflow } from './open-tensorflow.js';
import { openCpu, openWasm } from './open-tfjs.js';
import type { Opener } from './opener.js';

/** Opens each runtime by name. */
export const openers: Readonly<Record<RuntimeName, Opener>> = {
  'ort-cpu': openOrt('ort-cpu', 'cpu'),
  'ort-webgpu': openOrt('ort-webgpu', 'webgpu'),
  'ort-cuda': openOrt('ort-cuda', 'cuda'),
  'tfjs-node-gpu': openTensorflow('tfjs-node-gpu', '@tensorflow/tfjs-node-gpu'),
  'tfjs-node': openTensorflow('tfjs-node', '@tensorflow/tfjs-node'),
  'tfjs-wasm': openWasm,
  'tfjs-cpu': openCpu,
};
