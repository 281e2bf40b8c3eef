export { createRuntime, type RuntimeOptions } from './create-runtime.js';
export { BadProgramInputError, ProgramFailedError, RuntimeUnavailableError } from './errors.js';
export type { Program, TensorSpec } from './program.js';
export { type Resident, type Runtime, type RuntimeInfo, type RuntimeName, runtimeNames } from './runtime.js';
export { Graph, type GraphDType, type GraphNode } from './trace/graph.js';
