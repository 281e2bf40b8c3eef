export { buildEncoder, buildStages } from './build-stages.js';
export { classifierNames, classifierStages } from './classifier-stages.js';
export { LabelWordIdError } from './errors.js';
export { nameRules } from './name-rules.js';
export { promptObjective } from './prompt-objective.js';
