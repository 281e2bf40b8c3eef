export { buildEncoder, buildStages } from './build-stages.js';
export type { Architecture, Targets } from './define-architecture.js';
export { JointLabelWordsError, LabelWordIdError } from './errors.js';
export type { LabelWordIds } from './label-word-ids.js';
export { nameRulesOf } from './name-rules.js';
export { type Activation, keyWidth, type NetworkConfig } from './network-config.js';
export { modulesLeftOut } from './parameter-orders.js';
export { architectureOf, type ConfigOf, type ModelConfig, type ModelType, modelTypes } from './registry.js';
