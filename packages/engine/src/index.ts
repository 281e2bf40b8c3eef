// Programs are written in tfjs; every package of this project uses the copy that the engine uses.
export * as tf from '@ntk-lens/tfjs';
export {
  BadProgramInputError,
  ProgramFailedError,
  RuntimeStoppedError,
  RuntimeUnavailableError,
  TensorNotResidentError,
} from './errors.js';
export { mapAhead } from './map-ahead.js';
export { defineOperation, type OperationOptions } from './operations/define-operation.js';
export { gradientsOfEach } from './operations/gradients-of-each.js';
export { sign, ternary, ternaryGram } from './operations/signs.js';
export {
  defineProgram,
  type PortProgram,
  type ProgramDefinition,
  type TensorsOf,
} from './ports/define-program.js';
export { type Identified, identityOf } from './ports/identity.js';
export type { MapPorts, Ports } from './ports/ports.js';
export { knownProfile, usualRates } from './profile/known-processors.js';
export {
  type Machine,
  type MachineProfile,
  type MachineRates,
  machineDifferences,
  rateNames,
} from './profile/machine-profile.js';
export { type MachineWork, noWork, secondsOfWork, totalWork } from './profile/machine-work.js';
export { measureRates } from './profile/measure-rates.js';
export { gemmRate, type RateOptions } from './profile/product-rates.js';
export { KEPT_WORKSPACE, type Program, type TensorSpec } from './program.js';
export type { AnyRuntimeName, Resident, Runtime, RuntimeInfo } from './runtime.js';
export { type RuntimeName, runtimeNames } from './runtime-names.js';
export type { RuntimeOptions } from './runtime-options.js';
export { countWork, type GraphCost } from './trace/count-work.js';
export { Graph, type GraphDType, type GraphNode } from './trace/graph.js';
export { sameValue } from './trace/same-value.js';
export { trace } from './trace/trace.js';
export { createRuntime } from './web/create-runtime.js';
