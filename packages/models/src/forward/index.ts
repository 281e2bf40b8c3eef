export { causalExample } from './causal-example.js';
export { type EagerJacobian, eagerJacobian } from './eager-jacobian.js';
export { type EncoderStatesOptions, encoderStates } from './encoder-states.js';
export { NonFiniteActivationError, NothingBeforeMaskError } from './errors.js';
export { type ForwardLogitsOptions, forwardLogits } from './forward-logits.js';
export type { ForwardOptions } from './run-batches.js';
export { addPart, putPart, takePart } from './take-part.js';
export { type TokenLogProbabilitiesOptions, tokenLogProbabilities } from './token-log-probabilities.js';
export { type StageWeights, uploadStageWeights } from './upload-stage-weights.js';
