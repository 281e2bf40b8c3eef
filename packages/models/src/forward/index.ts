export { causalExample } from './causal-example.js';
export { type EncoderStatesOptions, encoderStates } from './encoder-states.js';
export { NonFiniteActivationError, NothingBeforeMaskError } from './errors.js';
export { type ForwardLogitsOptions, forwardLogits } from './forward-logits.js';
export { promptObjective } from './prompt-objective.js';
export type { ForwardOptions } from './run-batches.js';
export { type ResidentSide, sideTypes, uploadSide } from './stage-program.js';
export { takePart } from './take-part.js';
export { type StageWeights, uploadStageWeights } from './upload-stage-weights.js';
