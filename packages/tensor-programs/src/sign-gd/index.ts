export { type EarlyAdam, type EarlyAdamRequest, measureEarlyAdam } from './early-adam.js';
export {
  type KernelAnalogue,
  type KernelAnalogueRequest,
  measureKernelAnalogue,
} from './kernel-analogue.js';
export type { ShortTraining } from './short-training.js';
