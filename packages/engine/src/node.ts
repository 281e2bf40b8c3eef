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
