export { type LoadedKShot, type LoadKShotOptions, loadKShot, type TaskSplits } from './node/load-k-shot.js';
