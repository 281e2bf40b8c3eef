// Programs are written in tfjs; every package of this project uses the copy that the engine uses.
export * as tf from '@tensorflow/tfjs';
export {
  BadProgramInputError,
  ProgramFailedError,
  RuntimeStoppedError,
  RuntimeUnavailableError,
  TensorNotResidentError,
} from './errors.js';
export { defineOperation, type OperationOptions } from './operations/define-operation.js';
export { sign, TERNARY_SCALE, ternary, ternaryGram } from './operations/signs.js';
export type { Program, TensorSpec } from './program.js';
export type { AnyRuntimeName, Resident, Runtime, RuntimeInfo } from './runtime.js';
export { Graph, type GraphDType, type GraphNode } from './trace/graph.js';
export { trace } from './trace/trace.js';
export { createWebRuntime } from './web/create-web-runtime.js';
export { createWebGpuRuntime } from './web/create-webgpu-runtime.js';
export type { WebRuntimeOptions } from './web/open-web.js';
