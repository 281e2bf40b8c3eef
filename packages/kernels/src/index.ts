export { assembleKernelBlocks, computeKernelBlocks, computeKernels } from './compute-kernels.js';
export type { BlockLevel } from './contract/accumulators.js';
export { type DerivativeRequest, directionalDerivatives } from './derivatives/directional-derivatives.js';
export type { DirectionalDerivatives } from './derivatives/jacobian.js';
export {
  BadSecondMomentError,
  FormulaNotAvailableError,
  KernelSizeError,
  LostStatesError,
  MemoryBudgetError,
  MissingTilesError,
  NonFiniteKernelError,
  NoParametersError,
  NoSecondMomentError,
  OldTilesError,
  OperatorClosedError,
  OtherTilesError,
  SelfCheckMemoryError,
  UnknownFormulaError,
  ZeroGradientError,
} from './errors.js';
export { explainKernels } from './explain/explain-kernels.js';
export type { KeptWork, KernelPlan, SitePlan, WorkPart } from './explain/kernel-plan.js';
export type { PartPlan } from './explain/part-plan.js';
export { type TracedStages, tracedStages } from './explain/stage-costs.js';
export type { ParameterFilter } from './factors/active-parameters.js';
export { matchParameters } from './factors/match-parameters.js';
export * from './formulas/all.js';
export {
  describeFormula,
  isSymmetric,
  type KernelFormula,
  type MapPair,
  type Preparation,
} from './formulas/formula.js';
export {
  type GradientMap,
  identityMap,
  type MapOperations,
  type Numbers,
  scaleMap,
  signMap,
} from './formulas/gradient-map.js';
export { type FormulaName, formulaNames, formulaOf, formulas } from './formulas/index.js';
export { type LossAndCotangent, type LossName, lossOf, targetsOf } from './formulas/losses.js';
export { type WeightDirection, weightDifference } from './formulas/weight-direction.js';
export { type KernelParts, openKernelParts } from './kernel-parts.js';
export { explainOperators, type OperatorPlan } from './operator/explain-operators.js';
export {
  checkOperatorRequest,
  type KernelOperators,
  openKernelOperators,
  type SplitOperator,
} from './operator/kernel-operators.js';
export type { OperatorRequest } from './operator/operator-request.js';
export type { KernelTiling } from './plan/kernel-tiling.js';
export type {
  GradientProjection,
  ParameterRange,
  ProjectedGradient,
} from './projected/gradient-projection.js';
export type { KernelRequest, Kernels, SplitKernels } from './request/kernel-request.js';
export { checkKernelRequest, kernelFitsMemory, tileKernels } from './request/prepare.js';
export type { CheckResult } from './self-check/check-result.js';
export { type SelfCheck, type SelfCheckRequest, selfCheckModel } from './self-check/self-check-model.js';
export type { StateClaims } from './states/claims.js';
export { isOfStates } from './store/stored-states.js';
export { memoryTileStore, type TileStore } from './store/tile-store.js';
export { openStoredKernels, type StoredKernelRows, type StoredSplitRows } from './stored-kernels.js';
export { type TextbookRequest, textbookKernel } from './textbook.js';
