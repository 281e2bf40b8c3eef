export { computeKernelBlocks, computeKernels } from './compute-kernels.js';
export type { BlockLevel } from './contract/accumulators.js';
export {
  type DerivativeRequest,
  type DirectionalDerivatives,
  directionalDerivatives,
} from './derivatives/directional-derivatives.js';
export { type WeightDirection, weightDifference } from './derivatives/weight-direction.js';
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
export { explainKernels, type KernelPlan, type SitePlan } from './plan/explain-kernels.js';
export { checkKernelRequest } from './prepare.js';
export type {
  GradientProjection,
  ParameterRange,
  ProjectedGradient,
} from './projected/gradient-projection.js';
export type { CheckResult } from './self-check/check-result.js';
export { type SelfCheck, type SelfCheckRequest, selfCheckModel } from './self-check/self-check-model.js';
export { openTileStore, removeTiles, type TileStore } from './store/tile-store.js';
