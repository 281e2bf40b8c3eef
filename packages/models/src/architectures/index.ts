export { buildEncoder, buildStages, stageFunction } from './build-stages.js';
export { classifierNames, classifierStages } from './classifier-stages.js';
export { LabelWordIdError } from './errors.js';
export { withKnownValue } from './known-output.js';
export {
  type AttentionInputs,
  type ParameterRef,
  plainContext,
  type SideInputs,
  type Site,
  type SiteContext,
  type Stage,
  siteWeights,
  type Tensors,
} from './stage.js';
