export { computeKernelBlocks, computeKernels } from './compute-kernels.js';
export type { BlockLevel } from './contract/accumulators.js';
export {
  type DerivativeRequest,
  type DirectionalDerivatives,
  directionalDerivatives,
} from './derivatives/directional-derivatives.js';
export {
  BadSecondMomentError,
  FormulaNotAvailableError,
  MemoryBudgetError,
  NonFiniteKernelError,
  NoParametersError,
  NoSecondMomentError,
  OtherTilesError,
  UnknownFormulaError,
  ZeroGradientError,
} from './errors.js';
export type { ParameterFilter } from './factors/active-parameters.js';
export { aSignGd } from './formulas/a-sign-gd.js';
export { type AdamOptions, type AdamState, adam } from './formulas/adam.js';
export { cosine } from './formulas/cosine.js';
export {
  describeFormula,
  type FormulaPass,
  isSymmetric,
  type KernelFormula,
  type MapPair,
} from './formulas/formula.js';
export { type GradientMap, identityMap, scaleMap, signMap } from './formulas/gradient-map.js';
export { type FormulaName, formulaNames, formulaOf, formulas } from './formulas/index.js';
export { sgd } from './formulas/sgd.js';
export { signGd } from './formulas/sign-gd.js';
export type { KernelRequest, Kernels, SplitKernels } from './kernel-request.js';
export { type LossAndCotangent, type LossName, lossOf, targetsOf } from './losses.js';
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
export { type TextbookRequest, textbookKernel } from './textbook.js';
export { type WeightDirection, weightDifference } from './weight-direction.js';
