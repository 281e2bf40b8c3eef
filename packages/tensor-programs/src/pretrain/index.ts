export { MixedLadderError, NoLadderError, OtherLadderError, type SchemeDifference } from './errors.js';
export { type LadderManifest, type PretrainLadderOptions, pretrainLadder } from './pretrain-ladder.js';
export { type PretrainModelOptions, pretrainModel } from './pretrain-model.js';
export { type PretrainedRung, readRung, type ZeroShotRecord } from './rung.js';
export { defaultScheme, type PretrainingScheme, schemeConfig } from './scheme.js';
