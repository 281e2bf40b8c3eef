export * from './index.js';
export { type AutoRuntimeName, autoOrder } from './node/choose-runtime.js';
export { createRuntime } from './node/create-runtime.js';
export {
  type DiagnoseOptions,
  diagnoseRuntimes,
  type RuntimeDiagnosis,
  type UnusableRuntime,
  type UsableRuntime,
} from './node/diagnose/diagnose-runtimes.js';
export { type Processor, processorAtHand } from './node/profile/machine-at-hand.js';
export { measureMachineProfile } from './node/profile/measure-machine-profile.js';
