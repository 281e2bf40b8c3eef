export * from './index.js';
export { type CheckLadderOptions, checkLadder, type LadderCheck } from './node/ladder/check-ladder.js';
export { type LadderChi, type LadderChiOptions, ladderChi } from './node/ladder/ladder-chi.js';
export type { KeepMeasurement } from './node/ladder/open-rung.js';
export { readLadder } from './node/ladder/read-ladder.js';
export {
  type LadderManifest,
  type PretrainLadderOptions,
  pretrainLadder,
} from './node/pretrain/pretrain-ladder.js';
export { readRung } from './node/pretrain/read-rung.js';
export { readTrajectory } from './node/read-trajectory.js';
