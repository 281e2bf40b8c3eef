// Programs are written in tfjs; every package of this project uses the copy that the engine uses.
export * as tf from '@tensorflow/tfjs';
export { createRuntime, type RuntimeOptions } from './create-runtime.js';
export { BadProgramInputError, ProgramFailedError, RuntimeUnavailableError } from './errors.js';
export { defineOperation, type OperationOptions } from './operations/define-operation.js';
export { sign, TERNARY_SCALE, ternary, ternaryGram } from './operations/signs.js';
export type { Program, TensorSpec } from './program.js';
export { type Resident, type Runtime, type RuntimeInfo, type RuntimeName, runtimeNames } from './runtime.js';
export { Graph, type GraphDType, type GraphNode } from './trace/graph.js';
