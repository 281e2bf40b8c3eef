export { differentiate, type StageGradients, type Wanted } from './differentiate.js';
export { type DropoutPlace, RecordingContext, type Substitutes } from './recording-context.js';
export {
  ChainBatch,
  type ChainOptions,
  type ForwardHooks,
  type HeldStage,
  StageChain,
} from './stage-chain.js';
export {
  type BackwardPorts,
  type BackwardProgram,
  type BackwardSettings,
  defineBackward,
  type ForwardSettings,
  forwardStage,
  type LogitWeights,
} from './stage-programs.js';
export {
  floatSpecs,
  mapNamed,
  type Named,
  plannedShapes,
  type StageShapes,
  type StageTensors,
  stageSpecs,
} from './stage-tensors.js';
