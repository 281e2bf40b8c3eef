export { MixedLadderError, NoLadderError, OtherLadderError, type SchemeDifference } from './errors.js';
export { type PretrainModelOptions, pretrainModel } from './pretrain-model.js';
export type { PretrainedRung, ZeroShotRecord } from './rung.js';
export { defaultScheme, type PretrainingScheme, schemeConfig } from './scheme.js';
