export { computeKernelBlocks, computeKernels } from './compute-kernels.js';
export type { BlockLevel } from './contract/accumulators.js';
export {
  MemoryBudgetError,
  NonFiniteKernelError,
  NoParametersError,
  OtherTilesError,
  ZeroGradientError,
} from './errors.js';
export type { ParameterFilter } from './factors/active-parameters.js';
export type { KernelRequest, Kernels, SplitKernels } from './kernel-request.js';
export { matchParameters } from './match-parameters.js';
export { openTileStore, removeTiles, type TileStore } from './store/tile-store.js';
